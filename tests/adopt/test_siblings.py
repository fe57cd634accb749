"""Files that differ in names, schedules and the like become one template, with an entry for each."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator.adopt.pairs import Group
from generator.adopt.siblings import families
from generator.adopt.tree import Original
from tests.adopt.conftest import Adopter, Files
from tests.conftest import oetgen

JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: shop-{name}
  namespace: shop{suffix}
  labels: {{app.kubernetes.io/name: shop-{name}}}
spec:
  schedule: "{schedule}"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          restartPolicy: Never
          containers:
          - name: {name}
            # {note}
            image: registry.example.com/shop/jobs:{tag}
            command: ["python", "-m", "jobs.{module}"]
            resources:
              limits: {{memory: {memory}, cpu: 500m}}
"""
JOBS = {
    "backup": ("30 1 * * *", "Copies the database", "256Mi"),
    "report": ("0 6 * * 1", "Writes the weekly report", "512Mi"),
    "send-mails": ("*/5 * * * *", "Sends waiting mails", "256Mi"),
    "sync-stock": ("*/15 * * * *", "Reads the stock", "256Mi"),
}


def jobs(suffix: str, tag: str, without: str = "", memory: str = "") -> dict[str, str]:
    files = {}
    for name, (schedule, note, usual) in JOBS.items():
        module = name.replace("-", "_")
        own = memory if name == "report" and memory else usual
        data = {"name": name, "suffix": suffix, "tag": tag, "schedule": schedule, "note": note}
        if name != without:
            files[f"k8s/cron-{name}.yaml"] = JOB.format(**data, module=module, memory=own)
    return files


PROD, DEV = jobs("", "1.4.2", memory="1Gi"), jobs("-dev", "1.5.0", without="backup")


def test_jobs_become_one_template_with_an_entry_each(adopter: Adopter) -> None:
    adopted = adopter.proved(prod=PROD, dev=DEV)
    template = adopted.text("templates/k8s/cron-{cronjob}.yaml.j2")
    assert "  name: shop-{{ cronjob.name }}\n  namespace: {{ namespace }}\n" in template
    assert "{% if" not in template
    assert template.count("\n") == JOB.count("\n")
    base, prod = adopted.values("base"), adopted.values("prod")
    assert list(base["cronjobs"]) == list(JOBS)
    assert base["cronjobs"]["send-mails"] == {
        "schedule": "*/5 * * * *",
        "note": "Sends waiting mails",
        "command": "jobs.send_mails",
    }
    assert base["cronjobs.*"] == {"limits": {"memory": "256Mi"}, "tag": "1.5.0"}
    assert prod == {
        "namespace": "shop",
        "cronjobs.*": {"tag": "1.4.2"},
        "cronjobs": {"report": {"limits": {"memory": "1Gi"}}},
    }
    assert adopted.values("dev")["cronjobs"] == {"backup": None}, "an entry that only prod has"
    (joined,) = adopted.document["joined"]
    assert joined["map"] == "cronjobs" and joined["entries"] == list(JOBS)
    texts = [adopted.text(f"environments/{name}.yaml") for name in ("base", "prod", "dev")]
    assert sum(map(len, [template, *texts])) < 0.7 * len("".join(PROD.values()))
    assert {each["what"] for each in adopted.document["drift"]} >= {"k8s/cron-backup.yaml"}


def test_the_summary_says_what_was_joined(adopter: Adopter) -> None:
    adopted = adopter(prod=PROD, dev=DEV)
    assert "Joined, an entry each (4):" in adopted.result.out
    assert "cronjobs: backup, report, send-mails, sync-stock" in adopted.result.out
    assert "templates/k8s/cron-{cronjob}.yaml.j2" in adopted.result.out


def test_the_page_says_what_was_joined(adopter: Adopter) -> None:
    page = adopter.folder / "drift.html"
    assert adopter("--page", str(page), prod=PROD, dev=DEV).result.status == 0
    text = page.read_text("utf-8")
    assert "<h3>Joined, an entry each: 4</h3>" in text
    assert "<code>cronjobs</code> backup, report, send-mails, sync-stock" in text
    assert "k8s/cron-{cronjob}.yaml" in text


def test_the_project_is_as_clean_as_the_files_and_blame_works(adopter: Adopter) -> None:
    adopted = adopter.proved(prod=PROD, dev=DEV)
    assert oetgen("-C", str(adopted.root), "check", "--no-tools").status == 0
    blamed = oetgen("-C", str(adopted.root), "blame", "out/prod/k8s/cron-report.yaml:8").out
    assert "cronjob.schedule" in blamed
    assert "environments/base.yaml" in blamed


def test_one_environment_alone_has_entries_too(adopter: Adopter) -> None:
    adopted = adopter.proved(prod=PROD)
    assert list(adopted.values("base")["cronjobs"]) == list(JOBS)


def test_names_of_entries_and_of_their_map(adopter: Adopter) -> None:
    file = adopter.folder / "names.yaml"
    assert adopter("--names", str(file), prod=PROD, dev=DEV).result.status == 0
    names = yaml.safe_load(file.read_text("utf-8"))
    assert names["cronjobs"] == "cronjobs" and names["cronjob.note"] == "cronjob.note"
    names |= {"cronjobs": "jobs", "cronjob.note": "cronjob.about", "cronjob.limits.memory": "cronjob.memory"}
    file.write_text(yaml.safe_dump(names), "utf-8")
    adopted = adopter("--names", str(file), prod=PROD, dev=DEV)
    assert adopted.result.status == 0, adopted.result
    assert adopted.values("base")["jobs"]["send-mails"]["about"] == "Sends waiting mails"
    assert adopted.values("base")["jobs.*"]["memory"] == "256Mi"
    assert adopted.tree("prod") == {path: text.encode() for path, text in PROD.items()}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"cronjob.note": "note"}, "a value of cronjob cannot be called 'note'"),
        ({"cronjob.note": "cronjob.name"}, "a value of cronjob cannot be called 'cronjob.name'"),
        ({"cronjobs": "a.b"}, "cronjobs has an entry for each file, and cannot be called 'a.b'"),
        ({"cronjobs": "namespace"}, "namespace is a value, and a map with an entry"),
        ({"namespace": "cronjob"}, "cronjob is a value, and a map with an entry"),
        ({"cronjob.notes": "cronjob.x"}, "no value is called cronjob.notes"),
    ],
)
def test_names_that_entries_cannot_have(adopter: Adopter, names: dict[str, str], message: str) -> None:
    file = adopter.folder / "names.yaml"
    file.write_text(yaml.safe_dump(names), "utf-8")
    adopted = adopter("--names", str(file), prod=PROD, dev=DEV)
    assert adopted.result.status == 2
    assert message in adopted.result.err
    assert not adopted.root.exists()


def dockerfile(port: int, *lines: str) -> str:
    return "\n".join(
        ["FROM node:24-alpine", "WORKDIR /app", f"EXPOSE {port}", *lines, 'CMD ["node", "."]', ""]
    )


def test_files_that_would_not_become_shorter_stay_apart(adopter: Adopter) -> None:
    first = dockerfile(3000, "COPY . .", "RUN npm ci", "RUN npm run build", "USER node", "ENV A=1")
    second = dockerfile(8000, "COPY src .", "RUN pip install", "RUN make", "USER app", "ENV B=2")
    files: Files = {"web/Dockerfile": first, "api/Dockerfile": second}
    adopted = adopter.proved(prod=files, dev=files)
    assert adopted.document["joined"] == []
    assert adopted.document["summary"]["copied"] == 2


def test_entries_that_would_be_longer_than_the_files_stay_apart(adopter: Adopter) -> None:
    keys = "cpu memory image schedule owner team queue topic bucket region zone disk size mode".split()
    files = {
        f"jobs/{name}.yaml": "".join(f"{key}: {name}-{at}{key[::-1]}\n" for at, key in enumerate(keys, start))
        for start, name in ((1, "api"), (30, "mail"), (60, "web"))
    }
    adopted = adopter.proved(prod=files, dev=files)
    assert adopted.document["joined"] == []
    assert adopted.document["summary"]["copied"] == 3


@pytest.mark.parametrize("path", ["k8s/cron-report.yaml", "other.txt"])
def test_what_does_not_come_back_stays_apart(
    adopter: Adopter, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    calls: list[int] = []

    def once(originals: object, rendered: object) -> dict[str, list[str]]:
        calls.append(1)
        return {"prod": [path]} if len(calls) == 1 else {}

    monkeypatch.setattr("generator.adopt.prove.differing", once)
    adopted = adopter.proved(prod=PROD, dev=DEV)
    assert adopted.document["joined"] == []
    assert adopted.document["verbatim"] == []
    assert len(calls) == 2


def test_folders_of_one_name_share_a_map(adopter: Adopter) -> None:
    files = {}
    for number, name in enumerate(("api", "mail", "web")):
        files[f"workers/{name}/job.yaml"] = JOB.format(
            name=name, suffix="", tag="1", schedule=f"{number} * * * *", note="x", module=name, memory="1Gi"
        )
        files[f"workers/{name}/run.sh"] = (
            "#!/bin/sh\n"
            + "".join(f"echo step {at}\n" for at in range(12))
            + (f"exec /srv/{name} --port 80{number}0\n")
        )
    adopted = adopter.proved(prod=files)
    (joined,) = adopted.document["joined"]
    assert joined["entries"] == ["api", "mail", "web"]
    assert len(joined["templates"]) == 2
    assert adopted.text("oetgen.yaml").count(f": {joined['map']}\n") <= 1


def test_names_that_yaml_reads_otherwise_are_keys(adopter: Adopter) -> None:
    data = {"suffix": "", "tag": "1", "note": "a note", "memory": "1Gi", "schedule": "1 * * * *"}
    names = ("on", "null", "12", "items", "true")
    files = {f"k8s/{name}.yaml": JOB.format(name=f"a-{name}", module=f"m{name}", **data) for name in names}
    adopted = adopter.proved(prod=files, dev=files)
    assert set(adopted.values("base")["cronjobs"]) == set(names)


def test_the_order_of_the_arguments_does_not_matter(tmp_path: Path) -> None:
    texts = []
    for order in (("prod", "dev"), ("dev", "prod")):
        adopted = Adopter(tmp_path / order[0]).proved(
            **{name: {"prod": PROD, "dev": DEV}[name] for name in order}
        )
        texts.append([adopted.text(f"environments/{name}.yaml") for name in ("base", "dev", "prod")])
    assert texts[0] == texts[1]


def found(files: dict[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    groups = [
        Group({"prod": path}, {"prod": Original(text.encode())}) for path, text in sorted(files.items())
    ]
    return [(family.path, family.keys) for family in families(groups, files)]


def test_families_are_found_by_name_and_by_folder() -> None:
    text = PROD["k8s/cron-report.yaml"]
    names = {f"k8s/{name}-job.yaml": text for name in ("a-x", "a-y", "b")}
    assert found(names) == [("k8s/{}-job.yaml", ("a-x", "a-y", "b"))]
    folders = {f"jobs/{name}/{name}.yaml": text for name in ("api", "web")}
    assert found(folders) == [("jobs/{}/{}.yaml", ("api", "web"))]
    other = text.replace("CronJob", "Job")
    assert found({"a.yaml": text, "b.yaml": other}) == [], "another kind"
    assert found({"a.yaml": "x: 1\n", "b.yaml": "x: 2\n"}) == [], "too short to gain"
    assert found({"a.yaml": text, "b.yaml": text + "".join(f"k{at}: 1\n" for at in range(20))}) == []


WORD = st.sampled_from(
    ["api", "web", "prod", "dev", "a-b", "80", "8080", "true", "'x'", '"y z"', "~", "1.0", "{{ x }}"]
)
LINE = st.tuples(st.sampled_from(["name", "image", "port", "path", "# about", "- item"]), WORD)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.data())
def test_any_siblings_come_back(data: st.DataObject) -> None:
    names = data.draw(
        st.lists(st.sampled_from(["api", "web", "mail", "a-b", "prod"]), min_size=2, max_size=4, unique=True)
    )
    shared = "".join(f"  key{at}: value{at}\n" for at in range(data.draw(st.integers(8, 25))))
    trees: dict[str, dict[str, str]] = {}
    for environment in ("prod", "dev"):
        own = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        trees[environment] = {}
        for name in sorted(own):
            drawn = dict(data.draw(st.lists(LINE, max_size=4)))
            lines = "".join(
                f"  {key} {word}\n" if key[0] in "#-" else f"  {key}: {word}\n" for key, word in drawn.items()
            )
            trees[environment][f"k8s/{name}.yaml"] = (
                f"kind: X\nmetadata:\n  name: {name}\nspec:\n{shared}{lines}"
            )
    with TemporaryDirectory() as folder:
        Adopter(Path(folder)).proved(**trees)


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-{number}-api
  namespace: shop-{env}
spec:
  replicas: {number}
  template:
    spec:
      securityContext:
        runAsNonRoot: true
        runAsUser: 1001
        fsGroup: 1001
{drift}      containers:
      - name: api
        image: registry.example.com/shop/api:1.2.3
        ports:
        - containerPort: 8000
        env:
        - name: LOG_LEVEL
          value: info
        - name: DATABASE_URL
          valueFrom:
            secretKeyRef:
              name: shop-{number}-secrets
              key: database-url
        resources:
          limits:
            memory: 512Mi
---
apiVersion: v1
kind: Service
metadata:
  name: shop-{number}-api-service
  namespace: shop-{env}
spec:
  ports:
  - port: 80
    targetPort: 8000
"""


def test_objects_whose_names_are_not_those_of_their_files_are_one_template(adopter: Adopter) -> None:
    """Each was another thing: the template grew by an object for each file, and the time by their square."""

    def files(env: str) -> dict[str, str]:
        drift = "      terminationGracePeriodSeconds: 45\n"
        return {
            f"api-{number}.yaml": DEPLOYMENT.format(
                number=number, env=env, drift=drift if (env, number % 3) == ("dev", 0) else ""
            )
            for number in range(12)
        }

    adopted = adopter.proved(prod=files("prod"), qa=files("qa"), dev=files("dev"))
    (path,) = (adopted.root / "templates").rglob("*.j2")
    template = path.read_text("utf-8")
    assert template.count("\n") == DEPLOYMENT.count("\n") + 3  # what only dev has, and around it
    assert template.count("kind: Deployment") == 1
    assert "replicas: {{ service.replicas }}" in template  # not the name of the file, which is a text


def test_what_decides_a_name_is_not_below_the_name_of_the_entry(adopter: Adopter) -> None:
    """An error in one template of a map takes apart all of its files."""

    def files(suffix: str, tag: str) -> dict[str, str]:
        more = "  name: other\n"
        found = jobs(suffix, tag)
        return {path: text + (more if "report" in path else "") for path, text in found.items()}

    adopted = adopter.proved(prod=files("", "1.2"), dev=files("-dev", "1.3"))
    assert (adopted.root / "templates/k8s/cron-{cronjob}.yaml.j2").exists()
