"""Shell code is read as shells read it: checked against an independent parser, and by examples of what is hard."""

from __future__ import annotations

import re

import pytest
import tree_sitter
import tree_sitter_bash

from generator.languages.shell import read as shell
from tests.checks.helpers import output

ENVIRONMENTS = ("dev", "prod", "spec", "staging")
_BASH = tree_sitter.Language(tree_sitter_bash.language())


def independent(text: str) -> set[str]:
    """Return the variables that tree-sitter's grammar finds expanded."""
    found: set[str] = set()

    def visit(node: tree_sitter.Node) -> None:
        if node.type in ("simple_expansion", "expansion"):
            names = [
                child.text.decode() for child in node.children if child.type == "variable_name" and child.text
            ]
            found.update(name for name in names if not name.isdigit())
        for child in node.children:
            visit(child)

    tree = tree_sitter.Parser(_BASH).parse(text.encode())
    assert not tree.root_node.has_error, text
    visit(tree.root_node)
    return found


def code(env: str) -> list[str]:
    tree = output(env)
    blocks = [re.sub(r"\$\{\{.*?\}\}", "x", step.run) for step in tree.steps if step.run]
    return [*blocks, *(script.source.text for script in tree.scripts)]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_an_independent_parser_finds_the_same_variables_in_all_of_the_output(env: str) -> None:
    for text in code(env):
        assert {use.name for use in shell.read(text).uses} == independent(text), text


USES = [
    ("echo $a ${b} \"$c\" '$no' \\$no", "a b c"),
    ("echo $(run $a `other $b`) # $no", "a b"),
    ("cat << 'END'\n$no\nEND\necho $a", "a"),
    ("cat <<-END | tee $b\n\t$a\n\tEND\n", "a b"),
    ("cat << A << B > $c\n$a\nA\n$b\nB\necho $d", "a b c d"),
    ("case $a in x|y) echo $b;; *) echo $c;; esac; echo $d", "a b c d"),
    ("if [[ $a =~ ^(x|y)$ && -n $b ]]; then echo $c; fi", "a b c"),
    ("echo $((a + b)) ${c:-$d} ${#e} ${f%.x}", "a b c d e f"),
    ('echo "$(echo "$a" \'$b\')"', "a"),
    ("x=$'it\\'s $no'; echo $a", "a"),
    ("diff <(echo $a) >(cat $b)", "a b"),
    ('words=(one $a "$b"); echo ${words[0]}', "a b words"),
]


@pytest.mark.parametrize(("text", "names"), USES)
def test_a_variable_is_one_where_the_shell_expands_it(text: str, names: str) -> None:
    assert {use.name for use in shell.read(text).uses} == set(names.split())


SETS = [
    ("a=1 b+=2; export c=3; local d=$x", "a b c d"),
    ("for a in 1 2; do read -r b c; done", "a b c"),
    ("printf -v a %s x; mapfile -t b; getopts ab: c", "a b c"),
    ("a=1 run --b=2", ""),
    ("a[1]=x", "a"),
]


@pytest.mark.parametrize(("text", "names"), SETS)
def test_a_variable_is_set_where_the_shell_sets_it(text: str, names: str) -> None:
    assert shell.read(text).sets == set(names.split())


def test_commands_are_found_wherever_they_stand_with_their_words_and_options() -> None:
    script = shell.read(
        "if ! kubectl get --namespace=a pods | grep x; then\n"
        '  result="$(kubectl apply -n b -f - << END\nkind: X\nEND\n)"\n'
        "fi\n"
        "timeout 5 bash -c 'until kubectl logs -n c job/y; do sleep 1; done' || true\n"
    )
    kubectl = [command for command in script.commands if command.texts[0] == "kubectl"]
    namespaces = [command.option("-n", "--namespace") for command in kubectl]
    assert [word.text for word in namespaces if word] == ["a", "b", "c"]
    assert kubectl[1].heredoc == "kind: X\n"
    assert script.place(kubectl[2].offset) == (6, 26)


def test_what_a_redirection_writes_is_known() -> None:
    (command,) = shell.read("cat > out/file 2>&1 << END\ntext\nEND\n").commands
    assert [word.text for word in command.writes] == ["out/file"]
    assert command.heredoc == "text\n"


@pytest.mark.parametrize(
    "text",
    [
        "'",
        '"',
        "$(",
        "${",
        "`",
        "case",
        "<<",
        "<< E",
        "((",
        "[[",
        "a=(",
        "|",
        ")",
        "\\",
        "$((",
        "for",
        "x() {",
    ],
)
def test_what_is_no_shell_ends_the_reading_and_nothing_else(text: str) -> None:
    shell.read(text)
    shell.read(f"echo {text} $a\n{text}")
