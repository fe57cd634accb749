"""Shell: sh and bash are given the value as it is, as one word or a part of one, and nothing else runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.languages import EncodeError, Scalar
from generator.languages.site import ShapeError
from tests.conftest import rows
from tests.languages.helpers import (
    HOLE,
    as_text,
    has_one_site_per_mark,
    proves,
    refuses,
    render,
    scalars,
    shapes,
)
from tests.languages.shells import BASH, BOTH, run


class Case(NamedTuple):
    """A script in which ① and ② are values, and the words that its commands are given."""

    script: str
    words: tuple[str, ...]
    shells: tuple[tuple[str, ...], ...] = BOTH


def case(script: str, *words: str) -> Case:
    return Case(script, words)


def bash(script: str, *words: str) -> Case:
    return Case(script, words, (BASH,))


def rendered_case(script: str, one: Scalar, two: Scalar) -> str:
    """Fill ① and ② of a script. Raises EncodeError."""
    values = [one if char == "①" else two for char in script if char in "①②"]
    return render("shell", script.replace("①", HOLE).replace("②", HOLE), *values)


def expected(words: tuple[str, ...], one: Scalar, two: Scalar) -> list[str]:
    return [word.replace("①", as_text(one)).replace("②", as_text(two)) for word in words]


def test_ordinary_words_stand_as_they_are() -> None:
    assert (
        render("shell", "kubectl apply -n • -f k8s/•.yaml", "prod", "api")
        == "kubectl apply -n prod -f k8s/api.yaml"
    )


def test_anything_else_is_quoted_for_the_quotes_around_it() -> None:
    assert render("shell", "p • \"•\" '•'", "it's $5", 'a "$b"', "it's") == (
        "p 'it'\"'\"'s $5' \"a \\\"\\$b\\\"\" 'it'\\''s'"
    )


def test_a_word_of_the_language_is_quoted_also_where_it_comes_about() -> None:
    assert render("shell", "• x; d• y; p •", "if", "o", "done") == "'if' x; d'o' y; p 'done'"


def test_an_assignment_and_the_number_of_a_stream_are_quoted() -> None:
    assert render("shell", "• x; p •>file", "A=b", 2) == "'A=b' x; p '2'>file"


REFUSED = (
    ("a lone backslash", "p \\•", "x"),
    ("variable's name", 'p "$NAME•"', "x"),
    ("variable's name", "p $NAME••", ""),
    ("cannot hold a value", 'p "$•x"', "x"),
    ("the name of a variable", 'p "$•"', "a b"),
    ("the name of a variable", 'p "${•}"', "a}b"),
    ("the name of a variable", "•=1", "a-b"),
    ("the name of a variable", "A_•=1", "a-b"),
    ("the name of a variable", "export •", "a b"),
    ("the name of a variable", "for • in x; do :; done", "a b"),
    ("the name of a variable", "•() { :; }", "a;b"),
    ("cannot hold a value", 'p "${x•}"', ":-y"),
    ("cannot hold a value", "p ${x%•}", "y"),
    ("the offset of a ${…}", "p ${x:•}", "-y"),
    ("the offset of a ${…}", 'p "${x:0:•}"', "a[$(exit 7)]"),
    ("${…} expansion", "p ${x:-•}", "a b"),
    ("${…} expansion", 'p "${x:-•}"', "}$y"),
    ("cannot hold a value", "p $'•'", "\\n"),
    ("cannot hold a value", "p `q •`", "x"),
    ("cannot hold a value", 'p "`q "•"`"', "x"),
    ("arithmetic", "p $((•))", "x"),
    ("arithmetic", "p $((•))", "010"),
    ("run into", "p $((1•))", 5),
    ("run into", "p $((3 -•))", -5),
    ("arithmetic", "((x = •))", "y"),
    ("arithmetic", "let x=•", "y"),
    ("arithmetic", "[[ $x -eq • ]]", "a[$(exit 7)]"),
    ("arithmetic", '[[ "•" -lt 5 ]]', "a[$(exit 7)]"),
    ("an index", "a[•]=1", "$(exit 7)"),
    ("an index", "p file[•].txt", "a-z"),
    ("a pattern without quotes", "[[ $x =~ • ]]", "a.b"),
    ("a pattern without quotes", "[[ $x =~ ^a• ]]", "."),
    ("the name of a user", "p ~•", "root"),
    ("NUL", "p •", "a\0b"),
    ("surrogate", "p •", "\ud800"),
    ("one line", "cat <<EOF\n•\nEOF\n", "a\nb"),
    ("one line", "cat <<'EOF'\nx: •\nEOF\n", "a\nb"),
    ("end the here-document", "cat <<EOF\n•\nEOF\n", "EOF"),
    ("end the here-document", "cat <<EOF\n••\nEOF\n", "EO"),
    ("cannot hold a value", "cat <<EOF\nEO•\nEOF\n", "F"),
    ("cannot hold a value", "cat <<EOF\n$(q •)\nEOF\n", "x"),
    ("a program inside a string", "sh -c 'p •'", "a;b"),
    ("a program inside a string", 'bash -eu -c "p •"', "a b"),
    ("a program inside a string", "eval \"p '•'\"", "a b"),
    ("a program inside a string", "trap 'p •' EXIT", "a b"),
    ("a program inside a string", "ssh host 'p •'", "a;b"),
    ("a program inside a string", "ssh host <<'EOF'\np •\nEOF\n", "a;b"),
)


@rows("reason, script, value", REFUSED)
def test_what_a_place_cannot_hold_is_refused(reason: str, script: str, value: Scalar) -> None:
    assert reason in refuses("shell", script, *[value] * script.count(HOLE))


@rows(
    "script, message",
    [
        ('p "a\n', 'the quote " is not closed'),
        ("p 'a\n", "the quote ' is not closed"),
        ("cat <<EOF\na\n", "no line EOF ends the here-document"),
        ("cat <<•\na\n", "ends the here-document"),
        ("p ${a", "${ is not closed"),
        ("p `a", "the backtick is not closed"),
    ],
)
def test_what_has_no_end_is_no_shell(script: str, message: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(message)):
        render("shell", f"p x\n{script}", *["y"] * script.count(HOLE))


WORDS = [
    case("p ①", "①"),
    case("p a①", "a①"),
    case("p ①b", "①b"),
    case("p a①b ②", "a①b", "②"),
    case("p ①②", "①②"),
    case("p --opt=① -x②", "--opt=①", "-x②"),
    case("""p "x"①'y'""", "x①y"),
    case('x=①; p $(q x) "$x"', "x.", "①"),
    case('x=a①; y=②b p "$x"', "a①"),
    case("p ${N}①", "name①"),
    case("p $N①", "name①"),
    case('p "$(q ①)"', "①."),
    case('p "$(q "$(q a①)")"', "a①.."),
    case('set -- ① ②; p "$@"', "①", "②"),
    case('for i in ① ②; do p "$i"; done', "①", "②"),
    case("p ①>&1", "①"),
    case("p ①②>&1", "①②"),
    case("p x; (①) >&- 2>&-; p y", "x", "y"),
    case("p x; ①② >&- 2>&- <&-; p y", "x", "y"),
    case("p x; ( d①; i② ) >&- 2>&-; p y", "x", "y"),
    case("p ①*", "①*"),
    case("p a \\\n  ① \\\n  b", "a", "①", "b"),
    case("p a&&p ①;p b", "a", "①", "b"),
    case("case ① in ①) p y ;; *) p n ;; esac", "y"),
    case("case x① in y|x①) p y ;; *) p n ;; esac", "y"),
    case('p "$(case ① in (x) q x ;; *) q ② ;; esac)" b', "②.", "b"),
    case('p "$(case z in\n  y) q x ;;\n  *)\n    case z in *) q "①" ;; esac ;;\nesac)" ②', "①.", "②"),
    case("f() { p ①; }; f", "①"),
    case("p ${U:-①}", "①"),
    case("p $((①))", "①"),
    case("p ~/① >&- || p ②", "②"),
    bash('a=(① x ②); p "${a[@]}"', "①", "x", "②"),
    bash("[[ ① == ① && x① != ② ]] && p y", "y"),
    bash("[[ a①b == *①* ]] && p y", "y"),
    bash("p {①,x}", "①", "x"),
    bash("p a{①,②}b", "a①b", "a②b"),
    bash("IFS= read -r -d '' x <<< ①; p \"$x\"", "①\n"),
    bash("p x; f① 2>/dev/null <(q ②); p y", "x", "y"),
]
IN_QUOTES = [
    case('p "①"', "①"),
    case('p "a①b②c"', "a①b②c"),
    case('p "①②"', "①②"),
    case('p "$N①"', "name①"),
    case('p "$N①②"', "name①②"),
    case('p "${N}①"', "name①"),
    case('p "${U:-①}" "${N:-①}" "${N:+x①}"', "①", "name", "x①"),
    case('p "\\$①" "\\\\①"', "$①", "\\①"),
    case('p "$(q "①") ②"', "①. ②"),
    case('p "$((①)) ②"', "① ②"),
    case("p '①'", "①"),
    case("p 'a①b②c'", "a①b②c"),
    case("p '①②'\"x\"", "①②x"),
    case("p 'it'\\''s' '①'", "it's", "①"),
    case('p "a # ①"', "a # ①"),
    case("""p "it's ①" 'a "②'""", "it's ①", 'a "②'),
]
LINES = 'while IFS= read -r l; do p "$l"; done '
HEREDOCS = [
    case(LINES + "<<EOF\n①\nx ② y\nEOF\np z", "①", "x ② y", "z"),
    case(LINES + "<<EOF\n①②\n$N①\n\\$①\nEOF\np z", "①②", "name①", "$①", "z"),
    case(LINES + "<<'EOF'\n①\n$x ②\nEOF\np z", "①", "$x ②", "z"),
    case(LINES + "<<\\EOF\n①\n`x ②\nEOF\np z", "①", "`x ②", "z"),
    case(LINES + "<<-EOF\n\tx①\n\t②\n\tEOF\np z", "x①", "②", "z"),
    case(LINES + '<<"E F"\n①\n\tE F\nE F\np ②', "①", "\tE F", "②"),
    case(LINES + "<<EOF\n\tEOF\n①\nEOF\np ②", "\tEOF", "①", "②"),
    case(LINES + "<<A; " + LINES + "<<B\n①\nA\n②\nB\np z", "①", "②", "z"),
    case('p "$(q "$(while IFS= read -r l; do q "$l"; done <<EOF\n①\nEOF\n)")"', "①.."),
    case(LINES + "<<EOF\n${U:-①}\nx\nEOF\np ②", "①", "x", "②"),
]
COMMENTS = [
    case("p x # ①\np y", "x", "y"),
    case("# ①\np y", "y"),
    case("p x; # it's \"①\np ②", "x", "②"),
    case("p a#① x", "a#①", "x"),
    case("p a\\\n#① x", "a#①", "x"),
    case("p $(q y)#① x", "y.#①", "x"),
    case("p a \\\n#① x\np y", "a", "y"),
]


CASES = {"words": WORDS, "quotes": IN_QUOTES, "heredocs": HEREDOCS, "comments": COMMENTS}


@pytest.mark.parametrize("kind", list(CASES))
@given(st.data())
@proves
def test_both_shells_are_given_the_value(kind: str, data: st.DataObject) -> None:
    chosen = st.tuples(st.sampled_from(CASES[kind]), scalars(), scalars())
    are_given(data.draw(st.lists(chosen, max_size=30)))


def are_given(chosen: list[tuple[Case, Scalar, Scalar]]) -> None:
    accepted = []
    for sample in chosen:
        try:
            accepted.append((sample, rendered_case(sample[0].script, *sample[1:])))
        except EncodeError:
            continue
    for shell in BOTH:
        here = [(sample, script) for sample, script in accepted if shell in sample[0].shells]
        results = run(shell, [script for _, script in here])
        for ((tried, *values), script), result in zip(here, results, strict=True):
            assert result == expected(tried.words, *values), f"{shell[0]}: {script}"


FRAGMENTS = (
    *(
        "'",
        '"',
        "`",
        "\\",
        "$",
        "${",
        "}",
        "$(",
        "((",
        ")",
        "(",
        "#",
        "<<EOF",
        "<<-'E'",
        "\nEOF\n",
        "E\n",
        "<<<",
    ),
    *(
        ";",
        "case x in ",
        "esac",
        "a)",
        "[[ ",
        " ]]",
        "=~ ",
        " -eq ",
        "$'",
        ":-",
        "for ",
        "=",
        "[",
        "]",
        "~",
        "<",
        "{",
        ",",
    ),
    *("sh -c ", "eval ", "\\\n"),
)


@given(shapes(*FRAGMENTS))
@proves
def test_every_mark_has_a_site(shape: str) -> None:
    has_one_site_per_mark("shell", shape)


# Scripts of any nesting, as pairs of what is written and what it stands for.
Written = tuple[str, str]
HOLES = st.sampled_from([("①", "①"), ("②", "②"), ("①②", "①②")])
TEXT = st.sampled_from(
    [("x", "x"), ("-", "-"), ("${N}", "name"), ("$N.", "name."), ("\\$", "$"), ("\\\\", "\\"), ("/", "/")]
)
QUOTED_TEXT = st.sampled_from(
    [("'", "'"), (" # ", " # "), ("(", "("), (")", ")"), ("{", "{"), (" ", " "), (";", ";")]
)
BARE_TEXT = st.sampled_from(
    [("'it'", "it"), ("=", "="), ("#x", "#x"), ("'\"'", '"'), ("\\'", "'"), ("\\\n", "")]
)


def joined(parts: list[Written]) -> Written:
    return "".join(source for source, _ in parts), "".join(meaning for _, meaning in parts)


def wrapped(before: str, behind: str, end: str = "") -> Callable[[Written], Written]:
    return lambda inner: (f"{before}{inner[0]}{behind}", inner[1] + end)


def texts_of(words: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    """Return words with parts in quotes, where commands may stand that have `words` in them."""
    command = words.map(wrapped("$(q ", ")", "."))
    in_case = words.map(wrapped("$(case x in (y) q n;; x) q ", " ;; esac)", "."))
    in_double = st.lists(HOLES | TEXT | QUOTED_TEXT | command | in_case, max_size=4).map(joined)
    in_single = st.lists(
        HOLES | st.sampled_from([(" ", " "), ("$x", "$x"), ("#", "#"), ("`", "`")]), max_size=3
    ).map(joined)
    part = HOLES | TEXT | BARE_TEXT | in_double.map(wrapped('"', '"')) | in_single.map(wrapped("'", "'"))
    return st.lists(part, min_size=1, max_size=4).map(joined).map(lambda word: (f'""{word[0]}', word[1]))


WORD = st.recursive(HOLES, texts_of, max_leaves=12)
STATEMENT = st.one_of(
    WORD.map(wrapped("p ", "")),
    WORD.map(wrapped("(p ", ")")),
    WORD.map(wrapped("if :; then p ", "; fi")),
    WORD.map(wrapped("case y in x) ;; y) p ", " ;; esac")),
    WORD.map(wrapped("f() {\n  # it's \"$(\n  p ", "\n}; f")),
    WORD.map(lambda word: (f'for i in {word[0]}; do p "$i"; done', word[1])),
    WORD.map(lambda word: (f'x={word[0]}; p "$x" # ① \'', word[1])),
    HOLES.map(wrapped(f"{LINES}<<-'E O'\n\t'$x ", "\n\tE O")).map(lambda line: (line[0], f"'$x {line[1]}")),
    WORD.map(lambda word: (f': <<A; p {word[0]}\n"${{N}}" ① ( #\n\'\nA\n', word[1])),
)


@given(st.lists(st.tuples(st.lists(STATEMENT, min_size=1, max_size=4), scalars(), scalars()), max_size=12))
@proves
def test_scripts_of_any_nesting(scripts: list[tuple[list[Written], Scalar, Scalar]]) -> None:
    are_given(
        [
            (
                case("\n".join(source for source, _ in statements), *(words for _, words in statements)),
                one,
                two,
            )
            for statements, one, two in scripts
        ]
    )
