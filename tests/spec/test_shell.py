"""Which ways to write a command mean the same, and what a change of it is called."""

from tests.conftest import rows

from .shell import command_changes


def changes(document: str, rendered: str) -> list[tuple[str, str, str]]:
    found = command_changes(document, rendered)
    return [(each.place, each.document, each.rendered) for each in found]


@rows(
    "document, rendered",
    [
        ("npm ci", "npm ci --ignore-scripts"),
        ("npm ci", "set -e\nnpm ci\nnpm audit"),
        ("npm ci", "NODE_ENV=test npm ci > log"),
        ("npm ci", "npm ci # no scripts"),
        ("npm ci", "(cd app; npm ci)"),
        ("npm ci", "'npm' \"ci\""),
        ("echo $A", 'echo "$A"'),
        ("echo $A/$B:x", 'echo "${A}/$B:x"'),
        ("echo a\\ b", 'echo "a b"'),
        ("echo '$A'", "echo \\$A"),
        ("a | b", "a |\n  # then\n  b"),
        ("a\nb", "a; b"),
        ("cat <<E\nx\nE\n", "cat <<E\nx\nE\n"),
        ("echo ${{ github.sha }}", 'echo "${{ github.sha }}"'),
    ],
)
def test_the_same_command_is_no_change(document: str, rendered: str) -> None:
    assert changes(document, rendered) == []


@rows(
    "document, rendered, change",
    [
        ("npm ci", "", ("npm ci", "npm ci", "")),
        ("npm ci", "yarn install", ("npm ci", "npm ci", "")),
        ("npm ci", "npm install", ("npm ci", "ci", "install")),
        ("npm ci", "echo npm ci", ("npm ci", "npm ci", "")),
        ("git tag -a x", "git tag x -a", ("git tag", "x", "")),
        ("a -n x -m y", "a -m y", ("a", "-n x", "")),
        ("a\nb", "b\na", ("b", "b", "b (out of order)")),
        ("a x\na y", "a x", ("a y", "a y", "")),
        ("a -x\na -y", "a -x", ("a (2)", "a -y", "")),
        ('echo "$A"', "echo $A", ("echo", '"$A"', "$A")),
        ("echo $A", "echo '$A'", ("echo", "$A", "'$A'")),
        ("echo *", 'echo "*"', ("echo", "*", '"*"')),
        ("a | b", "a", ("b", "b", "")),
        ("a -x | b", "a -x; b", ("b", "b", "")),
        ("a | b", "b | a", ("b", "b", "b (out of order)")),
        ("a | b", "a | c | b", ("a", "a | b", "a | c | b")),
        ("a", "a | tee log", ("a", "a", "a | tee log")),
        ("a", "a || true", ("a", "a", "before ||: a")),
        ("a", "x || a", ("a", "a", "after ||: a")),
        ("a", "[ $X ] && a", ("a", "a", "after &&: a")),
        ("a", "a & wait", ("a", "a", "before &: a")),
        ("a", "! a", ("a", "a", "not: a")),
        ("a", "if x; then a; fi", ("a", "a", "if x: a")),
        ("a", "if x; then y; else a; fi", ("a", "a", "if x: else: a")),
        ("a", "for i in 1 2; do a; done", ("a", "a", "for i in 1 2: a")),
        ("a", "case $X in y) a ;; esac", ("a", "a", "case $X in: y: a")),
        ("echo ${{ a }}", "echo ${{ b }}", ("echo", "${{ a }}", "${{ b }}")),
        ('e "$(x ${{ a }})"', 'e "$(x ${{ b }})"', ("e", '"$(x ${{ a }})"', '"$(x ${{ b }})"')),
    ],
)
def test_another_command_is_one_change(document: str, rendered: str, change: tuple[str, ...]) -> None:
    assert changes(document, rendered) == [change]
