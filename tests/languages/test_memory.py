"""What was encoded before is not encoded again: values that only compare equal are still told apart."""

import pytest

from generator.languages import Scalar, Site, encode


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ((0.0, -0.0), ("0.0", "-0.0")),
        ((1, True, 1.0), ("1", "true", "1.0")),
        (("1", 1), ('"1"', "1")),
        ((0, False, 0.0), ("0", "false", "0.0")),
    ],
)
def test_equal_values_are_written_as_what_they_are(
    values: tuple[Scalar, ...], written: tuple[str, ...]
) -> None:
    site = Site("json", "bare")
    assert tuple(encode(site, value) for value in values) == written
    assert tuple(encode(site, value) for value in values[::-1]) == written[::-1]
