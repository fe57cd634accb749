"""`oetgen plan`: show what applying a change would do."""

from __future__ import annotations

import datetime
import sys
from dataclasses import replace

import click

from generator.changes import Review, committed_files, files_on_disk, hazards_alone
from generator.cli.completion import complete_environment
from generator.cli.session import ERRORS, Session, chosen, rendered
from generator.findings import OetgenError
from generator.pipeline import Pipeline
from generator.project.git import Revision, folder_in_repository, head, revision
from generator.render.result import RenderResult
from generator.render.tree import Tree
from generator.report.changes import overview_text, review_text

_MOST_OTHERS = 3  # environments that inherit a value, of which the hazards are found
_FORMATS = ("text", "json", "github", "markdown")


@click.command()
@click.argument("environments", nargs=-1, metavar="[ENV]...", shell_complete=complete_environment)
@click.option(
    "--against", metavar="REF", help="Compare with this branch, tag or commit; default: the last commit."
)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", help="Output format.")
@click.option("--verbose", is_flag=True, help="Show every hazard and object, also those that are alike.")
@click.pass_obj
def plan(
    session: Session, environments: tuple[str, ...], against: str | None, form: str, verbose: bool
) -> None:
    """Show what applying the rendered files would do to what is committed, from the files alone.

    Without ENV, for every environment, the worst first. The exit status is 1 when a change would be refused, would
    lose data, or brings an error that `check` reports.
    """
    pipeline = session.pipeline()
    names = chosen(pipeline.project, environments, every=not environments)
    if form == "json" and len(names) > 1:
        raise OetgenError("--format json is about one environment", f"name one of {', '.join(names)}")
    root = pipeline.project.root
    at = head(root) if against is None else revision(root, against)
    reviews = [
        _review(session, pipeline, result, tree, at, is_head=against is None)
        for result, tree in rendered(session, pipeline, names)
    ]
    if form != "json":
        reviews = [_with_others(pipeline, each, reviews, at) for each in reviews]
    if not environments:
        reviews.sort(key=lambda each: each.rank)
    if form == "text":
        width = session.console.width
        paint = session.console.paint
        pages = ["\n".join(review_text(each, paint, width, verbose=verbose)) for each in reviews]
        if len(reviews) > 1:
            pages.insert(0, "\n".join(overview_text(reviews, paint, width)))
    else:
        pages = [_formatted(each, form, folder_in_repository(root)).rstrip("\n") for each in reviews]
    session.console.print("\n\n".join(pages))
    if any(each.fails for each in reviews):
        sys.exit(ERRORS)


def _review(
    session: Session,
    pipeline: Pipeline,
    result: RenderResult,
    tree: Tree,
    at: Revision | None,
    *,
    is_head: bool,
) -> Review:
    before = committed_files(at, tree.folder) if at else {}
    side = str(at) if at else ""
    if is_head and not before:
        # Without a commit, only the files on disk may have been applied.
        before, at, side = files_on_disk(pipeline.project, tree.folder), None, "the files on disk"
    if not before:
        where = f"in {side}" if at else "committed, nor is it on disk"
        session.console.print(f"{tree.folder} is not {where}: all of it is new", err=True)
    return pipeline.plan(result, before, side, at, datetime.date.today())


def _with_others(pipeline: Pipeline, found: Review, reviews: list[Review], at: Revision | None) -> Review:
    """Return a review with what the change does to the first environments that inherit it: 0.5 s for each."""
    if at is None:
        return found
    known = {each.env: each for each in reviews if committed_files(at, each.folder)}
    inheriting = dict.fromkeys(env for each in found.inherited for env in each.environments)
    names = [env for env in list(inheriting)[:_MOST_OTHERS] if env not in known]
    others = {
        each.env: hazards_alone(each, before, found.against)
        for each in (pipeline.validate_and_render(names) if names else ())
        if each.tree and (before := committed_files(at, each.tree.folder))
    }
    changed = {each.env: each for each in known.values() if each.objects or each.hazards}
    changed |= {env: each for env, each in others.items() if each}
    same = (known.keys() | others.keys()) - changed.keys()
    inherited = (
        replace(each, environments=tuple(env for env in each.environments if env not in same))
        for each in found.inherited
    )
    return replace(
        found,
        inherited=tuple(each for each in inherited if each.environments),
        elsewhere=tuple(changed[env] for env in inheriting if env in changed),
    )


def _formatted(found: Review, form: str, folder: str) -> str:
    from generator.report import plan as report

    if form == "github":
        return report.github(found, folder)
    return {"json": report.json_text, "markdown": report.markdown}[form](found)
