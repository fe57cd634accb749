"""`oetgen render`: write what changed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import click

from generator.cli.session import ERRORS, Session, chosen, note_rendered, note_written, stop_at_errors
from generator.cli.transaction import Job, Writing
from generator.findings import Finding, OetgenError
from generator.incremental.inputs import Inputs, files_as_written, recall_tree
from generator.incremental.processes import fitting, in_steps
from generator.incremental.spill import FEW, Shelf
from generator.pipeline import Judged, Pipeline, has_errors, plan_tree
from generator.project import OUT
from generator.project.folder import Project
from generator.render.tree import Tree
from generator.writer import Plan


@click.command()
@click.argument("environments", nargs=-1, metavar="ENV...")
@click.option("--all", "every", is_flag=True, help="Render every environment.")
@click.option(
    "--shard", metavar="K/N", help="Only the K-th of N shares of the environments, for a CI matrix."
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write to DIR/ENV instead of out/ENV."
)
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Override a value; needs --out.")
@click.option("--overwrite", is_flag=True, help="Replace files that were changed by hand.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Use N processes; by default, many environments are shared out among the processors.",
)
@click.pass_obj
def render(
    session: Session,
    environments: tuple[str, ...],
    every: bool,
    shard: str | None,
    out: Path | None,
    settings: tuple[str, ...],
    overwrite: bool,
    jobs: int | None,
) -> None:
    """Write what changed, one line per file."""
    if settings and not out:
        raise OetgenError(
            "--set would make out/ differ from its values files", "add --out DIR, or edit the values file"
        )
    project = session.project()
    names = _share(chosen(project, environments, every), shard)
    inputs = Inputs(str(project.root))
    current = {} if out or settings else _current(session, inputs, names)
    others = [name for name in names if name not in current]
    with Shelf() as shelf:
        trees = _Trees(session, inputs, settings, shelf)
        job = partial(_job, session, project, trees, out, overwrite)
        writing = Writing(session)
        steps = (trees.shelve, lambda env: writing.plan(job(env)), lambda env: writing.write(job(env)))
        trees.judge(others)
        with in_steps(others, steps, fitting(len(others), jobs)) as (shelved, planned, written):
            findings: list[Finding] = []
            with session.console.progress(len(others), "render", least=FEW) as done:
                for found in shelved:
                    findings += found
                    done()
            trees.remember()
            stop_at_errors(session, findings)
            stop_at_errors(session, [finding for found in planned for finding in found], writing=True)
            _say(session, names, current, written)


def _say(
    session: Session,
    names: list[str],
    current: dict[str, int],
    written: Iterator[tuple[list[str], list[Finding]]],
) -> None:
    """Say in the order of `names` what became of each environment; exit with an error when one was not written."""
    late: list[Finding] = []
    try:
        for name in names:
            if name in current:
                session.console.say(f"{OUT}/{name}: {current[name]} unchanged")
                continue
            lines, found = next(written)
            late += found
            session.console.say("\n".join(lines))
    finally:
        session.console.findings(late, err=True)
    if has_errors(late):
        sys.exit(ERRORS)


class _Trees:
    """The trees of the environments, from their values to the shelf where they wait until all are proved."""

    def __init__(self, session: Session, inputs: Inputs, settings: tuple[str, ...], shelf: Shelf) -> None:
        self._session = session
        self.inputs = inputs
        self._settings = settings
        self._shelf = shelf
        self._made: Pipeline | None = None
        self._judged: dict[str, Judged] = {}
        self._failed = False

    def judge(self, names: Sequence[str]) -> None:
        """Judge the values of environments together, but of those that were rendered before from the same inputs."""
        missing = [name for name in names if self._recalled(name) is None]
        if missing:
            self._judged = {each.values.env: each for each in self._pipeline().judge(missing, self._settings)}
        self._failed = any(has_errors(each.findings) for each in self._judged.values())

    def shelve(self, env: str) -> tuple[Finding, ...]:
        """Put the tree of an environment on the shelf, and return what is wrong with it."""
        judged = self._judged.pop(env, None)
        tree = None if judged else self._recalled(env)
        if tree:
            self._session.clean.add(env)
            self._shelf.put(tree)
            return ()
        pipeline = self._pipeline()
        proof = pipeline.render(judged or pipeline.judge([env], self._settings)[0])
        if not self._settings:
            note_rendered(self._session, self.inputs, proof)
        self._failed = self._failed or proof.failed
        if proof.tree and not self._failed:  # else nothing is going to be written
            self._shelf.put(proof.tree)
        return proof.findings

    def plan(self, env: str, folder: Path, shown: str, inside: Path, *, overwrite: bool) -> Plan:
        """Return what it takes to make `folder` hold the tree of an environment."""
        return plan_tree(self._shelf.take(env), folder, shown, overwrite=overwrite, inside=inside)

    def explain(self, env: str, plan: Plan) -> Plan:
        """Say of each hand edit where it would have to be made to last."""
        from generator.changes import explain_edits

        pipeline = self._pipeline()
        return explain_edits(pipeline, pipeline.prove([env], self._settings)[0], plan)

    def remember(self) -> None:
        """Keep for the next run what was found out on the way."""
        if self._made:
            self._made.remember()

    def _pipeline(self) -> Pipeline:
        """Return the pipeline, which is not made when all trees were rendered before."""
        self._made = self._made or self._session.pipeline()
        return self._made

    def _recalled(self, env: str) -> Tree | None:
        """Return the tree that was rendered before; it is not kept meanwhile, for all of them take much room."""
        return None if self._settings else recall_tree(self._session.cache, self.inputs, env)


def _job(
    session: Session, project: Project, trees: _Trees, out: Path | None, overwrite: bool, env: str
) -> Job:
    """Return the job of writing an environment."""
    folder = session.start / out / env if out else project.out(env)
    inside = session.start / out if out else project.root
    shown = f"{out or OUT}/{env}"
    plan = partial(trees.plan, env, folder, shown, inside, overwrite=overwrite)
    done = None if out else partial(note_written, session, trees.inputs, env)
    return Job(folder, shown, inside, plan, partial(trees.explain, env), done)


def _current(session: Session, inputs: Inputs, names: list[str]) -> dict[str, int]:
    """Return the environments whose output is what rendering would make again, and of how many files it is.

    Of 1,000 environments with ten changed, this takes a fifth of the time that their plans would.
    """
    found = {name: files_as_written(session.cache, inputs, name) for name in names}
    return {name: files for name, files in found.items() if files is not None}


def _share(names: list[str], shard: str | None) -> list[str]:
    """Return the K-th of N shares of `names`; shares differ by one in size at most, and overlap nowhere."""
    if shard is None:
        return names
    share, _, count = shard.partition("/")
    if not (share.isdecimal() and count.isdecimal() and 0 < int(share) <= int(count)):
        raise OetgenError(
            f"--shard {shard} is not K/N", "write, for example, --shard 2/8 for the second of eight"
        )
    return names[int(share) - 1 :: int(count)]
