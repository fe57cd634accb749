"""Pages that are made from the program are as it makes them now."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generator.languages import LANGUAGES
from tests.conftest import ROOT
from tests.pages import PAGES, encoding_page, values_page


@pytest.mark.parametrize(("name", "page"), PAGES.items())
def test_page_is_current(name: str, page: Callable[[], str], update_golden: bool) -> None:
    place = ROOT / "docs" / name
    if update_golden:
        place.write_text(page(), "utf-8")
    assert place.read_text("utf-8") == page()


def test_each_format_has_its_places() -> None:
    headings = [line[3:] for line in encoding_page().splitlines() if line.startswith("## ")]
    assert sorted(headings) == sorted(LANGUAGES)


def test_every_top_level_value_has_a_table() -> None:
    page = values_page()
    for name in ("services", "database", "network", "timeouts"):
        assert f"\n## {name}\n" in page
    assert "| `services.NAME.replicas` |" in page
