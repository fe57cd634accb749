# syntax=docker/dockerfile:1
# oetgen with what check, report and the editor use: docker run --rm --volume "$PWD:/project" oetgen check
FROM python:3.12-slim AS build
COPY . /source
RUN python -m venv /opt/oetgen && /opt/oetgen/bin/pip install --no-cache-dir '/source[check,report]'

FROM python:3.12-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git graphviz \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home oetgen
COPY --from=build /opt/oetgen /opt/oetgen
ENV PATH=/opt/oetgen/bin:$PATH
WORKDIR /project
USER oetgen
ENTRYPOINT ["oetgen"]
