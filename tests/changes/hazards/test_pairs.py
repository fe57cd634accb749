"""Which commands delete an object."""

from __future__ import annotations

from generator.changes.hazards.pairs import deletes
from generator.system import System
from tests.conftest import rows

JOB = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, namespace: shop}\n"
COMMANDS = [
    ("kubectl delete job migrate", True),
    ("kubectl --context x delete -n shop \\\n  jobs old migrate --ignore-not-found", True),
    ("if x; then kubectl delete Job/migrate cronjob/y; fi", True),
    ("bash -c 'kubectl delete job.batch/migrate || true'", True),
    ("kubectl delete deploy,job migrate", True),
    ("# kubectl delete job migrate", False),
    ("echo 'kubectl delete job migrate'", False),
    ("kubectl delete cronjob migrate", False),
    ("kubectl delete -l job migrate-all", False),
    ("kubectl get job migrate", False),
]


@rows("code, expected", COMMANDS)
def test_a_command_deletes_the_object_that_it_names(code: str, expected: bool) -> None:
    system = System.of_files({"k8s/job.yaml": JOB, "scripts/a.sh": f"{code}\n"})
    assert deletes(system, system.kind("Job")[0]) == expected
