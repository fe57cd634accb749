"""Every environment variable that a program reads must be set, and no variable may be set twice.

Compared: `process.env.X` in rendered TypeScript with the environment of the pod and the image. A container
must not list one name twice.

Why: `process.env.APP_VERSION || '1.0.0'` is always 1.0.0 if nothing sets the variable. Of two entries with
one name the second wins.

Bad:

    version: process.env.APP_VERSION || '1.0.0'      // and APP_VERSION is set nowhere

Good:

    ARG APP_VERSION
    ENV APP_VERSION=${APP_VERSION}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning
from generator.languages.dockerfile.instructions import environment as image_environment

CODE = "checks/environment-variables"
ADVICE = "kubernetes.io, Define Environment Variables for a Container"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.containers and not system.programs:
        raise NotApplicableError("there are no containers and no programs")
    for container in system.containers:
        seen: dict[str, object] = {}
        for entry in container.node.maps("env"):
            name = entry.text("name")
            if name in seen:
                first = next(each for each in container.node.maps("env") if each.text("name") == name)
                note = Note("the first entry", first.at_key("name"))
                message = f"{container.what} sets {name} twice: the second entry wins"
                yield warning(CODE, message, entry.at_key("name"), notes=(note,), hint="remove one of them")
            seen[name] = entry
    for program in system.programs:
        component = system.component_of(program.source.path)
        if (
            component is None
            or not component.serving
            or any("envFrom" in each.node for each in component.serving)
        ):
            continue
        known = set(image_environment(component.dockerfile.final()))
        known |= {name for container in component.serving for name in container.environment}
        for variable in program.variables:
            if variable.name not in {*known, "NODE_ENV"}:
                notes = [
                    Note(f"{each.what} does not set it", each.node.at_key("name"))
                    for each in component.serving[:1]
                ]
                yield warning(
                    CODE,
                    f"the program reads {variable.name}, which is not set"
                    + (": it always uses its fallback" if variable.optional else ""),
                    variable.at,
                    notes=(
                        *notes,
                        Note("its image does not set it either", component.dockerfile.source.span(1)),
                    ),
                    hint=f"set {variable.name} in env of the Deployment, or with ENV in the Dockerfile",
                )
