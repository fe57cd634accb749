"""Shell code is read as shells read it: checked against an independent parser, and by examples of what is hard."""

from __future__ import annotations

import random
import re
import time

import pytest
import tree_sitter
import tree_sitter_bash
from hypothesis import given
from hypothesis import strategies as st

from generator.languages.shell.read import parse
from tests.checks.helpers import output
from tests.conftest import rows
from tests.languages.agreement import accepts, damaged

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
        assert {use.name for use in parse(text).uses} == independent(text), text


USES = [
    ("echo $a ${b} \"$c\" '$no' \\$no", "a b c"),
    ("echo $(run $a `other $b`) # $no", "a b"),
    ('echo "`echo \\"$a\\" \\`echo $b\\` \\\\$c`"', "a b"),
    ("cat << 'END'\n$no\nEND\necho $a", "a"),
    ("cat <<-END | tee $b\n\t$a\n\tEND\n", "a b"),
    ("cat << A << B > $c\n$a\nA\n$b\nB\necho $d", "a b c d"),
    ("case $a in x|y) echo $b;; *) echo $c;; esac; echo $d", "a b c d"),
    ("if [[ $a =~ ^(x|y)$ && -n $b ]]; then echo $c; fi", "a b c"),
    ("echo $((a + b)) ${c:-$d} ${#e} ${f%.x}", "a b c d e f"),
    ('echo "$(echo "$a" \'$b\')"', "a"),
    ("x=$'it\\'s $no'; echo $a", "a"),
    ("echo $$a $(($b<<1)) $[c] $'$no'\"$d\"", "b c d"),
    ("if x; then cat <<E\n$a\nE\nfi; y=$(cat <<E\n$b\nE\n); echo $c", "a b c"),
    ("cat <<E\n\\$no ${a:-it's} \\\n$b\nE\n", "a b"),
    ("x() { echo $a; }; function y { echo $b; }; coproc z { echo $c; }", "a b c"),
    ("x=$(case $a in p) echo $b;; (q) echo $c; esac); echo $d # esac", "a b c d"),
    ("case $a in (x) (b $b) ;& y) if c; then f() { d $d; }; fi;; esac", "a b d"),
    ('echo "${a:-"${b}"}" ${c/$d/}', "a b c d"),
    ("((i = 0, j += $a)); for ((k = 0; k < n; k++)); do :; done", "a j k n"),
    ("diff <(echo $a) >(cat $b)", "a b"),
    ('words=(one $a "$b"); echo ${words[0]}', "a b words"),
]


@rows("text, names", USES)
def test_a_variable_is_one_where_the_shell_expands_it(text: str, names: str) -> None:
    assert {use.name for use in parse(text).uses} == set(names.split())


SETS = [
    ("a=1 b+=2; export c=3; local d=$x", "a b c d"),
    ("for a in 1 2; do read -r b c; done", "a b c"),
    ("printf -v a %s x; mapfile -t b; getopts ab: c", "a b c"),
    ("a=1 run --b=2", ""),
    ('"a"=1; \\b=2; "c=3"', ""),
    ("a[1 + $x]=x b=(p [q]=r)", "a b"),
    ("((a = 1)); for ((b = 0; b < 1; b++)); do :; done; coproc c { :; }", "a b c"),
]


@rows("text, names", SETS)
def test_a_variable_is_set_where_the_shell_sets_it(text: str, names: str) -> None:
    assert parse(text).sets == set(names.split())


def test_commands_are_found_wherever_they_stand_with_their_words_and_options() -> None:
    script = parse(
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
    (command,) = parse("cat > out/file 2>&1 << END\ntext\nEND\n").commands
    assert [word.text for word in command.writes] == ["out/file"]
    assert command.heredoc == "text\n"


WORDS = [
    ("echo 'a b'\"c\"\\ d", ["echo", "a bc d"]),
    ("echo \\\n  a\\\nb #c", ["echo", "ab"]),
    ("echo $'a\\n\\'' \"$x\\$y\" a#b", ["echo", "a\n'", "$x$y", "a#b"]),
    ("a=1 >f echo 2>&1 x", ["echo", "x"]),
    ("echo <(a) x\r\n", ["a"]),
]


@rows("text, words", WORDS)
def test_words_are_without_quotes_and_redirections(text: str, words: list[str]) -> None:
    assert parse(text).commands[0].texts == words


def test_a_here_document_is_the_text_that_its_command_gets() -> None:
    script = parse("cat <<-'A' <<B; tr a b <<<'$d'\n\t$a\n\tA\n\\$b $c\nB\n")
    assert [command.heredoc for command in script.commands] == ["$a\n$b $c\n", "$d"]


def test_a_word_of_a_program_in_a_string_stands_where_the_file_has_it() -> None:
    text = 'bash -ec \'a\n\'"b  \\"c\\" $(d)"'
    words = [word for command in parse(text).commands for word in command.words if len(word.text) == 1]
    assert [(word.text, text[word.offset_of(0)]) for word in words] == [(each, each) for each in "dabc"]


def test_a_here_document_of_a_shell_is_a_program() -> None:
    text = "bash -eu <<E; sh x <<E\n  a \\$b\n\n  c\nE\nd\nE\ne\n"
    commands = parse(text).commands
    assert [command.texts for command in commands] == [
        ["bash", "-eu"],
        ["sh", "x"],
        ["a", "$b"],
        ["c"],
        ["e"],
    ]
    assert [text[command.offset] for command in commands] == ["b", "s", "a", "c", "e"]


def test_functions_are_known_with_their_places() -> None:
    assert parse("a() { b; }; function c-d { e; }").functions == {"a": 0, "c-d": 21}


# What bash refuses, and the place that it names or a better one.
PROBLEMS = [
    ("echo 'a", "the quote ' is not closed", 5),
    ("if a; then\nfi", "unexpected fi, expected a command", 11),
    ("for x in a b echo", "the code ends too early, expected do", 17),
    ("a && ; b", "unexpected ;, expected a command", 5),
    ("case x in a) b;;", "the code ends too early, expected a pattern", 16),
    ("a) b", "unexpected )", 1),
    ("x=$(a", "$( is not closed", 2),
    ("echo `if`", "the code ends too early, expected a command", 8),
    ("a |\n", "the code ends too early, expected a command", 4),
    ("{ a }", "the code ends too early, expected }", 5),
    ("echo a > \n", "unexpected end of the line, expected a word", 9),
    ("[[ a b ]]", "unexpected b, expected an operator", 5),
]


@rows("text, message, offset", PROBLEMS)
def test_what_a_shell_refuses_is_named_with_its_place(text: str, message: str, offset: int) -> None:
    problem = parse(text).problem
    assert problem and (problem.message, problem.offset) == (message, offset)


def test_what_stands_before_a_mistake_is_read() -> None:
    assert [command.texts for command in parse("echo $a\nfi\necho $b").commands] == [["echo", "$a"]]


# Each line once as it is; `bash -n` is the judge.
DOUBTFUL = r"""
case $1 in\n  up) (cd app && echo up) ;;\nesac
case x in esac
case x in (esac) b;; esac
case x in a) esac
x=$(case x in a) b;; esac)
x=$(cat <<EOF)\nfoo\nEOF
x=$(cat <<EOF\nfoo\nEOF)
cat <<A $(cat <<B\nx (\nB\n)\nbody (\nA
cat <<E\nabc\\\nE\nE
cat <<E\nabc
cat << 'E F'\n(\nE F
if a; then b | (c) fi
{ a; } >f; (b) >g 2>&1 | c
a | ! b
a | time b
! ! time -p a
!
f() echo a
f() for x; do y; done >z
function f (a)
function f-g() [[ a ]]
function f g
a=1 f() { b; }
echo a=(x)
declare a=(x) b
a=(x; y)
a=([1 + 2]=x\n#c )\ny)
[[ a &&\n\n b || ! ( c -nt d ) ]]
[[ a\n&& b ]]
[[ a =~ ^(b c|d)$ && e == @(f|g)* ]]
[[ a == (b|c) ]]
[[ -n ]]
[[ ! ]]
for ((a;b)) do b; done
for ((;;)) { b; }
for x\nin a\ndo b; done
for x in a; { b; }
while\ndo b; done
select x in a; do b; done
coproc x { a; }
coproc a b
echo $((echo a); b) $((1 + (2)))
((a)) && ((b) ; (c))
((a))b
(a)(b)
echo "${x:-it's}"
echo ${x{y}} ${#x} ${!x*} ${x//a/b}
echo a &>b &>>c <&3 >&- 3<>x >|y {z}>w |& d
a &; b
a; ; b
;;
( )
{ }
echo then fi }
then
}
a\r\nif b\r\nthen c; fi
x=`echo "\\`a\\`"`
#
""".strip().split("\n")


@rows("line", DOUBTFUL)
def test_bash_accepts_what_the_reader_accepts(line: str) -> None:
    text = line.replace("\\n", "\n").replace("\\r", "\r").replace("\\\\", "\\") + "\n"
    assert (parse(text).problem is None) == accepts("bash", text)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_bash_accepts_what_the_reader_accepts_of_damaged_scripts(env: str) -> None:
    chance = random.Random(env)
    texts = [damaged(text, chance) for text in code(env) for _ in range(3)]
    # Bash reads the expansions in a here-document only when it runs it
    texts = [text for text in texts if parse(text).problem is None or not is_found_at_run_time(text)]
    assert [text for text in texts if (parse(text).problem is None) != accepts("bash", text)] == []


def is_found_at_run_time(text: str) -> bool:
    """Say whether what is wrong with a script is within its here-documents alone."""
    return parse(re.sub(r"(<<-? *)EOF\b", r"\1'EOF'", text)).problem is None


NESTED = [
    "$(",
    "(",
    "{ ",
    "${x:-",
    "`",
    "if ",
    "while ",
    "case x in a) ",
    "$((",
    '"$(',
    "f() { ",
    "<(",
    "! ",
]


@rows("opening", NESTED)
def test_code_that_is_nested_too_deeply_is_not_called_wrong(opening: str) -> None:
    problem = parse(opening * 3000).problem
    assert problem is None or problem.is_limit or "closed" in problem.message or "early" in problem.message


@pytest.mark.parametrize("text", ["$(a " * 200 + ")" * 200, "[[ " + "( " * 200 + "a" + " )" * 200 + " ]]"])
def test_valid_code_that_is_nested_too_deeply_exceeds_a_limit(text: str) -> None:
    problem = parse(text).problem
    assert problem and problem.is_limit


TOKENS = (
    "if then elif else fi for in do done while case esac ;; ;& ( ) (( )) { } [[ ]] ! & && | || ; < > << <<- <<< E "
    "<( $( $(( ${ } ` ' \" $' \\ # = a= a=( a[ + ~ * @( function coproc time select echo x $x 1 >& \n \r\n \t"
).split(" ")


@given(st.lists(st.sampled_from(TOKENS), max_size=60), st.sampled_from(["", " "]))
def test_any_tokens_are_read_to_an_end(tokens: list[str], between: str) -> None:
    start = time.process_time()
    parse(between.join(tokens).replace("\\n", "\n"))
    assert time.process_time() - start < 1


@rows("unit", [*TOKENS, *NESTED, "cat <<A <<B\n", "$((x) ", "((a) ", "case x in a) b;; "])
def test_reading_takes_time_in_proportion_to_the_length(unit: str) -> None:
    start = time.process_time()
    parse(f"{unit} " * 10_000)
    assert time.process_time() - start < 5
