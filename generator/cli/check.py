"""`oetgen check`: say everything that is wrong, and write nothing."""

from __future__ import annotations

import sys

import click

from generator.cli.session import ERRORS, Session, chosen
from generator.pipeline import has_errors, stale
from generator.report.text import plural
from generator.synced import behind


@click.command()
@click.argument("environments", nargs=-1, metavar="[ENV]...")
@click.pass_obj
def check(session: Session, environments: tuple[str, ...]) -> None:
    """Say everything that is wrong, everywhere; write nothing."""
    project = session.project()
    names = chosen(project, environments, every=not environments)
    pipeline = session.pipeline()
    proofs = pipeline.prove(names)
    findings = [finding for proof in proofs for finding in proof.findings]
    for proof in proofs:
        findings += stale(project, proof.tree, session.console.wait) if proof.tree else []
    findings += behind(project, {proof.env: proof.tree for proof in proofs}, session.console.wait)
    session.console.findings(findings, err=False)
    if has_errors(findings):
        sys.exit(ERRORS)
    files = sum(len(proof.tree.artifacts) for proof in proofs if proof.tree)
    session.console.say(f"{plural(files, 'file')} of {', '.join(names)}: nothing is wrong")
