"""The helpers for tables: a wrong row is named, and a sample has each kind of row."""

from __future__ import annotations

import pytest

from tests.conftest import rows, share, some

TABLE = [("one", 1), ("two", 3), ("three", 3), ("four", 5)]


def test_all_wrong_rows_are_named_and_no_right_one() -> None:
    @rows("word, number", TABLE)
    def test(word: str, number: int) -> None:
        assert len(word) == number + 2

    with pytest.raises(AssertionError) as wrong:
        test()
    assert [word for word, _ in TABLE if f"('{word}', " in str(wrong.value)] == ["two", "four"]


def test_a_wrong_row_alone_fails_as_its_own_test_would() -> None:
    @rows("value", [1, pytest.param(0), 2])
    def test(value: int) -> None:
        assert 1 // value >= 0

    with pytest.raises(ZeroDivisionError) as wrong:
        test()
    assert "ParameterSet(values=(0,)" in wrong.value.__notes__[0]


def test_a_table_without_rows_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="no rows"):
        rows("value", [])


def test_a_sample_has_each_kind_and_the_shares_have_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEP", raising=False)
    items = [*"abcdefgh", 1, 2, 3]
    assert some(items, 4) == ["a", "e", 1]
    assert some(items, 1) == items
    monkeypatch.setenv("DEEP", "1")
    assert some(items, 4) == items
    found: list[object] = []
    for number in (1, 2, 3):
        monkeypatch.setenv("DEEP", f"{number}/3")
        found += some(items, 4)
    assert sorted(map(str, found)) == sorted(map(str, items))
    assert items[share("2/3")] == ["b", "e", "h", 3]
