"""Format what `adopt` found as one HTML page: what differs, the riskiest first, then the values and what was left.

The page has no script: folding is the browser's own. Everything that comes from the folders is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from generator.adopt.conditions import reference
from generator.adopt.drift import TITLES, Drift
from generator.adopt.project import Adoption
from generator.report.adopt import summary, value_text
from generator.report.page import part, source_hash

_EMPTY = '""'
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>oetgen: drift of {names}</title>
<style>{style}</style>
</head>
<body class="alone">
<a class="skip" href="#main">Skip to the content</a>
<header><h1>oetgen <small>{names}</small></h1></header>
<div id="columns"><nav aria-label="Sections"><ul>{nav}</ul></nav>
<main id="main" tabindex="-1">{main}</main></div>
</body>
</html>
"""


def adoption_page(adoption: Adoption, found: Sequence[Drift], target: str) -> str:
    """Return the page."""
    groups = [(kind, list(each)) for kind, each in groupby(found, key=lambda drift: drift.kind)]
    environments = adoption.environments
    main = [
        f"<h2>{escape(summary(adoption, target))}</h2>",
        "<p>Every rendered file is byte for byte the original.</p>",
        *(_group(kind, members, environments) for kind, members in groups),
        *([] if groups else ["<p>Nothing differs between the environments.</p>"]),
        *_values(adoption),
        *_joined(adoption),
        *_left(adoption),
    ]
    links = [(kind, _title(kind), len(members)) for kind, members in groups]
    links += [("values", "Values", len(adoption.values))] if adoption.values else []
    links += [("joined", "Joined", len(adoption.maps))] if adoption.maps else []
    links += [("left", "Left where they are", len(adoption.left))] if adoption.left else []
    nav = "".join(
        f'<li><a href="#{kind}">{escape(title)}<span class="badge">{number}</span></a></li>'
        for kind, title, number in links
    )
    style = part("page.css")
    return _PAGE.format(
        policy=escape(
            f"default-src 'none'; style-src {source_hash(style)}; base-uri 'none'; form-action 'none'"
        ),
        names=escape(", ".join(environments)),
        style=style,
        nav=nav,
        main="".join(main),
    )


def _group(kind: str, members: Sequence[Drift], environments: Sequence[str]) -> str:
    rows = [(_what(each), _cells(each, environments)) for each in members]
    table = _table(["What differs", *environments], rows)
    return f'<section id="{kind}"><h3>{escape(_title(kind))}: {len(members)}</h3>{table}</section>'


def _title(kind: str) -> str:
    return f"{TITLES[kind][0].upper()}{TITLES[kind][1:]}"


def _what(each: Drift) -> str:
    name = f' <span class="origin">{escape(each.value)}</span>' if each.value else ""
    return f"{escape(each.what)}{name}"


def _cells(each: Drift, environments: Sequence[str]) -> Iterator[str]:
    places = dict(place.split(":", 1) for place in each.places if place.partition(":")[0] in environments)
    for name, text in zip(environments, each.texts, strict=True):
        odd = '<span class="odd">≠<span class="hidden"> differs from the others</span></span> '
        place = f'<span class="origin">{escape(places[name])}</span>' if name in places else ""
        shown = '<span class="dim">nothing</span>' if text is None else _code(text)
        yield f"{odd if name in each.only else ''}{shown}{place}"


def _code(text: str) -> str:
    return f"<code>{escape(text) or _EMPTY}</code>"


def _values(adoption: Adoption) -> Iterator[str]:
    if adoption.values:
        rows = [
            (escape(reference(value.name)), (_code(value_text(each)) for each in value.data))
            for value in adoption.values
        ]
        table = _table(["Value", *adoption.environments], rows)
        yield f'<section id="values"><h3>Values: {len(rows)}</h3>{table}</section>'


def _joined(adoption: Adoption) -> Iterator[str]:
    if adoption.maps:
        items = "".join(
            f"<li><code>{escape(each.name)}</code> {escape(', '.join(each.keys))}"
            f'<span class="origin">{escape(", ".join(path for path, _ in each.templates()))}</span></li>'
            for each in adoption.maps
        )
        title = f"Joined, an entry each: {sum(len(each.keys) for each in adoption.maps)}"
        yield f'<section id="joined"><h3>{title}</h3><ul>{items}</ul></section>'


def _left(adoption: Adoption) -> Iterator[str]:
    if adoption.left:
        items = "".join(
            f"<li><code>{escape(f'{each.environment}:{each.path}')}</code> {escape(each.reason)}</li>"
            for each in adoption.left
        )
        yield f'<section id="left"><h3>Left where they are: {len(adoption.left)}</h3><ul>{items}</ul></section>'


def _table(heads: Sequence[str], rows: Iterable[tuple[str, Iterable[str]]]) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for first, cells in rows
    )
    many = ' class="many"' if len(heads) > 5 else ""
    return (
        '<div class="wide" tabindex="0" role="group" aria-label="table, scrolls">'
        f"<table{many}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
