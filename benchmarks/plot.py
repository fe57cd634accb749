"""Draw a small chart as SVG, for light and dark pages; its bytes depend on the data alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape

_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 40, 44
_LINE, _TEXT = "#3b82c4", "#7d8590"


def chart(title: str, x_title: str, y_title: str, points: Mapping[int, float]) -> str:
    """Return a line chart of `points`; the x axis is logarithmic, the y axis starts at 0."""
    counts = sorted(points)
    most = _round_up(max(points.values()))
    first, last = math.log(counts[0]), math.log(counts[-1])

    def x(count: int) -> float:
        share = (math.log(count) - first) / (last - first) if last > first else 0.5
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - value / most * (_HEIGHT - _TOP - _BOTTOM)

    body = [_text(_LEFT, 20, title, "start", "bold")]
    for step in range(5):
        value = most * step / 4
        body.append(f'<path d="M{_LEFT} {y(value):.1f}H{_WIDTH - _RIGHT}" stroke="{_TEXT}" opacity=".25"/>')
        body.append(_text(_LEFT - 8, y(value) + 4, f"{value:g}", "end"))
    line = " ".join(f"{x(count):.1f},{y(points[count]):.1f}" for count in counts)
    body.append(f'<polyline points="{line}" fill="none" stroke="{_LINE}" stroke-width="2"/>')
    for count in counts:
        body.append(f'<circle cx="{x(count):.1f}" cy="{y(points[count]):.1f}" r="4" fill="{_LINE}"/>')
        body.append(_text(x(count), y(points[count]) - 10, f"{points[count]:.2g}", _anchor(count, counts)))
        body.append(_text(x(count), _HEIGHT - _BOTTOM + 18, f"{count:,}", _anchor(count, counts)))
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    body.append(_text(middle, _HEIGHT - 8, x_title, "middle"))
    body.append(f'<g transform="rotate(-90)">{_text(-_HEIGHT / 2, 14, y_title, "middle")}</g>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" aria-label="{escape(title)}" font-family="sans-serif" font-size="13">\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _anchor(count: int, counts: list[int]) -> str:
    return "end" if count == counts[-1] and len(counts) > 1 else "middle"


def _round_up(value: float) -> float:
    """Return the smallest upper end of the axis with four round steps."""
    unit = 1.0
    while unit * 40 < value:
        unit *= 10
    while unit * 4 > value:
        unit /= 10
    return next(step * unit * 4 for step in (1, 2, 3, 4, 5, 8, 10) if step * unit * 4 >= value)


def _text(x: float, y: float, text: str, anchor: str, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{_TEXT}">'
        f"{escape(text)}</text>"
    )
