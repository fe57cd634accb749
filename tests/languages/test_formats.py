"""Formats of configuration: which part of its line each value stands in, and what it must not become there."""

from __future__ import annotations

import pytest

from generator.languages import EncodeError, encode
from tests.conftest import rows
from tests.languages.helpers import sites

# A language, a file of it, and the position of each value in the innermost language.
FILES: tuple[tuple[str, str, list[str]], ...] = (
    # A comment between the lines of a setting.
    (
        "systemd",
        "[Service]\nExecStart=/bin/a • \\\n# note •\n  b '•'\n",
        ["whole command", "comment", "single command"],
    ),
    ("systemd", "Description=a • \\\n; •\n\n# •\nDescription=•\n", ["text", "comment", "comment", "text"]),
    ("systemd", "ExecStart=/bin/a \\\n; •\n; •\n  •\n", ["comment", "comment", "whole command"]),
    # An indented line has a key of its own where no key comes before it in its section.
    ("ini", "[a]\n\n  • = •\n", ["key", "value"]),
    ("ini", "[a]\n# b\n\n  • = •\n", ["key", "value"]),
    ("ini", "\n\n\t• = •\n", ["key", "value"]),
    ("ini", "[a]\nb =\n\n  •\n", ["continued"]),
    ("ini", "[a]\nb = c\n[d]\n\n  • = •\n", ["key", "value"]),
    # The tables of the system have a user before the command.
    ("crontab", "* * * * * root python3 -c \"print('•')\"\n", ["program"]),
    ("crontab", "* * * * * • python3 -c \"print('•')\" •\n", ["word", "program", "word"]),
    ("crontab", "@daily www-data eval 'a •'\n", ["program"]),
    ("crontab", "* * * * * root a '•' && perl -e '•'\n", ["single", "program"]),
    ("crontab", "* * * * * root echo $(( • ))\n", ["number"]),
    ("crontab", "* * * * * curl • -c •\n", ["word", "word"]),
    ("crontab", "* * * * * if a; then b '•'; fi\n", ["single"]),
    ("crontab", "* * * * * a • % •\n", ["word", "plain"]),
)


@rows("language, text, positions", FILES)
def test_a_value_has_the_position_of_its_part_of_the_line(
    language: str, text: str, positions: list[str]
) -> None:
    assert [site.position for site in sites(language, text)] == positions


# A language, a file of it, and a value that would become a part of the name of a variable before it.
LENGTHENED: tuple[tuple[str, str, str], ...] = (
    ("nginx", 'server { root "$a•"; }\n', "b"),
    ("nginx", "server { root '$a•'; }\n", "_"),
    ("nginx", "server { root $a•; }\n", "9"),
    ("nginx", "server { root a$•; }\n", "b"),
    ("nginx", 'server { root "\\$a•"; }\n', "b"),
    ("dotenv", 'A="$B•"\n', "b"),
    ("dotenv", "A=$B•\n", "b"),
    ("dotenv", 'A="$•"\n', "b"),
    ("dotenv", "A=$•\n", "b"),
)


@rows("language, text, value", LENGTHENED)
def test_no_value_lengthens_the_name_of_a_variable(language: str, text: str, value: str) -> None:
    (site,) = sites(language, text)
    with pytest.raises(EncodeError):
        encode(site, value)
    if "$•" not in text:
        assert encode(site, f"/{value}") == f"/{value}"


# In an action of a Go template, a value is a word.
ACTIONS: tuple[tuple[str, list[str]], ...] = (
    ("{{ $labels.• }} •", ["action", "text"]),
    ("a • {{ $value }} •", ["text", "text"]),
    ("{{ a }}•{{ b • }}", ["text", "action"]),
)


@pytest.mark.parametrize(("text", "positions"), ACTIONS)
def test_a_value_in_an_action_is_a_word(text: str, positions: list[str]) -> None:
    head = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    annotations:\n      a: >-\n        "
    found = sites("prometheus", f"{head}{text}\n")
    assert [site.position for site in found] == positions
    for site in found:
        assert encode(site, "job") == "job"
        if site.position == "action":
            with pytest.raises(EncodeError):
                encode(site, "job | title")
