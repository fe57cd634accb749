"""Forty random samples of every kind: each secret is found, and nothing public is."""

from __future__ import annotations

import json
import random
import re
from re import _parser  # type: ignore[attr-defined]  # of the standard library, to measure the patterns
from typing import Any

import pytest

from generator.values.secrets import find_in_values, find_secrets, forms, keys, literals, places
from generator.values.secrets.forms import Form, encrypted_forms, public_forms, secret_forms, table
from generator.values.source import load
from tests.conftest import rows
from tests.values.samples import PUBLIC, SECRETS, Make, encoded, mixed, sample, sealed, sops

COUNT = 40


def samples(name: str, make: Make) -> list[str]:
    chance = random.Random(name)
    return [make(chance) for _ in range(COUNT)]


@rows("kind", list(SECRETS))
def test_each_secret_is_found(kind: str) -> None:
    assert [text for text in samples(kind, SECRETS[kind]) if not find_secrets("x", text)] == []


@rows("kind", list(PUBLIC))
def test_nothing_public_is_found(kind: str) -> None:
    found = [(text, secret) for text in samples(kind, PUBLIC[kind]) for secret in find_secrets("x", text)]
    assert found == []


@rows("form", secret_forms())
def test_each_form_of_secret_is_found(form: Form) -> None:
    for text in samples(form.what, lambda chance: sample(form.pattern, chance)):
        assert form.what in [secret.what for secret in find_secrets("x", f"v: {text}\n")], text


@rows("form", [*public_forms(), *encrypted_forms()])
def test_each_public_form_is_left_alone(form: Form) -> None:
    for text in samples(form.what, lambda chance: sample(form.pattern, chance)):
        assert find_secrets("x", f"v: {text}\n") == ()


def test_every_form_has_a_source_and_an_example_and_is_searched_for() -> None:
    data = table()
    for entry in [*data["secret"], *data["public"], *data["encrypted"]]:
        text = "".join(entry["example"])
        assert re.search(entry["form"], text), entry["what"]
        assert re.match(r"gitleaks:[a-z0-9-]+$|https://", entry["source"]), entry["what"]
        assert any(word in text for word in entry["words"]), entry["what"]


def test_a_public_identifier_under_the_key_of_a_secret_is_one() -> None:
    site = sample("6L[A-Za-z0-9]{38}", random.Random(1))
    assert find_secrets("x", f"recaptcha_site_key: {site}") == ()
    assert len(find_secrets("x", f"recaptcha_secret_key: {site}")) == 1


@rows("entry", table()["encrypted"])
def test_an_encrypted_value_is_none_under_any_key(entry: dict[str, Any]) -> None:
    text = json.dumps({"password": "".join(entry["example"])})
    assert find_in_values("x.yaml", text, load(text, "x.yaml")) == ()


def test_plain_text_among_encrypted_values_is_found() -> None:
    chance = random.Random(7)
    text = (
        f"kind: SealedSecret\nspec:\n  encryptedData:\n    A_PASSWORD: {sealed(chance)}\n"
        f"    B_PASSWORD: hunter2-Xy77pq!\n    token: {encoded(chance.randbytes(30))}\nC_PASSWORD: {sops(chance)}\n"
        "D_PASSWORD: Xy77pq!hunt\n"
    )
    assert [found.at.line for found in find_secrets("x", text)] == [5, 6, 8]


@rows("entry", table()["encrypted"])
@rows("between", [" ", "\n  ", "\n"])
def test_a_secret_after_an_encrypted_value_is_found(entry: dict[str, Any], between: str) -> None:
    secret = mixed(random.Random(3), 40)
    named = f"{''.join(entry['example'])}{between}PASSWORD=hunter2Xy77pq"
    alone = f"{''.join(entry['example'])}{between}{secret}"
    assert [found.text for found in find_secrets("x", f"A={named}\n")] == ["hunter2Xy77pq"]
    assert [found.text for found in find_secrets("x", f"A={alone}\n")] == [secret]


VALUES = (
    ("password: correct horse battery staple", "correct horse battery staple"),
    ("db: {password: tiger blue 42 sky}", "tiger blue 42 sky"),
    ("password: >-\n  hunter2", "hunter2"),
    ("env:\n- {name: DB_PASSWORD, value: hunter2}", "hunter2"),
    ("users:\n  admin:\n    passwd: 'a b c 1!'", "a b c 1!"),
)


# Found by their place or their letters, although they look like words.
HARD = (
    ("mysql --password kayak212 app", "kayak212"),
    ('POSTGRES_PASSWORD: "jX45 PEqrqanSQM"', "jX45 PEqrqanSQM"),
    ("DB_PASSWORD: 'Xw1@PbWeafBLDJl'", "Xw1@PbWeafBLDJl"),
    ("pass: SdlKaauymfbTZzI8", "SdlKaauymfbTZzI8"),
    ('_auth="fbBpfeVVSzqxozS7"', "fbBpfeVVSzqxozS7"),
)
NAMES = (
    "pass: PodQOSClass",
    "auth: awsIamDbAuth1",
    'password: "New password"',
    "password: ops@db.internal",
    "run the tool with --password file to read it",
    "--password-stdin < file",
)


@rows("text, secret", HARD)
def test_a_password_that_looks_like_words_is_found(text: str, secret: str) -> None:
    assert [found.text for found in find_secrets("x", text)] == [secret]


@rows("text", NAMES)
def test_a_name_or_a_sentence_is_no_password(text: str) -> None:
    assert find_secrets("x", text) == ()


@rows("text, secret", VALUES)
def test_a_value_is_found_however_it_is_written(text: str, secret: str) -> None:
    found = find_in_values("x.yaml", text, load(text, "x.yaml"))
    assert len(found) == 1
    assert secret in found[0].text


@rows("text", ["password: null", "password: 12", "password: true", "password: ''", "password: [x]"])
def test_a_value_that_is_no_text_is_none(text: str) -> None:
    assert find_in_values("x.yaml", text, load(text, "x.yaml")) == ()


# Patterns are searched for at every position: one that may repeat without a limit could take quadratic time.
# These begin where the characters that they repeat begin, or are tried once for each line.
UNLIMITED = {places._RANDOM, places._ENCODED, forms._REST, forms._FOLDED}


def forms_of_all() -> tuple[Form, ...]:
    return (*secret_forms(), *public_forms(), *encrypted_forms())


PATTERNS = {
    (module.__name__, name): each
    for module in (forms, places)
    for name, each in vars(module).items()
    if isinstance(each, re.Pattern) and each not in UNLIMITED
} | {("forms.json", form.what): re.compile(form.pattern) for form in forms_of_all()}


@rows("name", list(PATTERNS))
def test_no_pattern_repeats_without_a_limit(name: tuple[str, str]) -> None:
    for kind, (least, most, inner) in repetitions(_parser.parse(PATTERNS[name].pattern)):
        assert most < 10_000, f"{kind} {least} to {most}"
        assert most <= 8 or not any(True for _ in repetitions(inner)), "a repetition in a repetition"


def repetitions(nodes: Any) -> Any:
    """Yield every repetition of a parsed pattern."""
    for kind, value in nodes:
        if str(kind).endswith("_REPEAT"):
            yield str(kind), value
            yield from repetitions(value[2])
        elif str(kind) == "SUBPATTERN":
            yield from repetitions(value[3])
        elif str(kind) == "BRANCH":
            for each in value[1]:
                yield from repetitions(each)


def test_what_is_judged_grows_with_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the text is at most twice the characters that are compared with names, words and references."""
    judged: list[int] = []

    def counted(level: keys.Level, value: str) -> bool:
        judged.append(len(value))
        return literals.is_secret(level, value)

    monkeypatch.setattr(places, "is_secret", counted)
    for text in (
        "password=",
        "password: ",
        'password="',
        "token ",
        "a.pass:b",
        "--password x ",
        "name: token\n value: ",
    ):
        work = []
        for size in (20_000, 40_000):
            judged.clear()
            list(places.scan(text * (size // len(text))))
            work.append(sum(judged))
        assert work[1] <= 2.1 * work[0] + 600
        assert work[0] <= 300 * 20_000 / len(text)
