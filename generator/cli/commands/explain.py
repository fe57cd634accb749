"""`oetgen explain`: explain the code of a finding, with a bad and a good example."""

from __future__ import annotations

import click

from generator.checks.suppressions import known_codes
from generator.cli.completion import complete_code
from generator.cli.session import Session
from generator.findings import OetgenError
from generator.findings.suggest import nearest
from generator.report.explain import Explanation, explanations, lookup
from generator.report.text import reflowed, wrapped


@click.command()
@click.argument("code", required=False, shell_complete=complete_code)
@click.pass_obj
def explain(session: Session, code: str | None) -> None:
    """Explain the CODE of a finding, or list all codes."""
    known = explanations()
    if code is None:
        _list(session, known)
        return
    code = code.strip("[]")
    found = lookup(code, known)
    if found:
        session.console.print(_text(session, found))
    elif any(each.startswith(f"{code.rstrip('/')}/") for each in known):
        _list(session, {each: known[each] for each in known if each.startswith(f"{code.rstrip('/')}/")})
    else:
        same_name = [each for each in known if each.rpartition("/")[2] == code.rpartition("/")[2]]
        hint = f'did you mean "{same_name[0]}"?' if same_name else nearest(code, list(known))
        raise OetgenError(
            f'no code "{code}"', hint or "a code is in brackets after the word error or warning"
        )


def _list(session: Session, known: dict[str, Explanation]) -> None:
    width = max(map(len, known))
    for code, each in known.items():
        line = f"{session.console.paint(f'{code:<{width}}', 'bold')}  {each.short}"
        session.console.print(wrapped(line, session.console.width, " " * (width + 2)))


def _text(session: Session, found: Explanation) -> str:
    heading, width = session.console.paint, session.console.width
    parts = [
        heading(found.code, "bold"),
        reflowed(found.what, width),
        reflowed(f"{heading('Why:', 'bold')} {found.why}", width),
        f"{heading('Bad:', 'bold')}\n\n{found.bad}",
        f"{heading('Good:', 'bold')}\n\n{found.good}",
    ]
    if found.code in known_codes():
        entry = f'    checks:\n    - {{warn: {found.code}, files: "*", reason: The reason in one sentence.}}'
        where = (
            "write this into the values of one environment, base.yaml or oetgen.yaml; `skip` hides it, and"
            " `files`, a pattern of paths of the output or of templates, limits it."
        )
        parts.append(reflowed(f"{heading('To accept it:', 'bold')} {where}", width) + f"\n\n{entry}")
    return "\n\n".join(parts)
