"""Secrets are found wherever they stand, no message shows one, and what is public is left alone."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import random
import re
import string
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.values.secrets import find_secrets, places
from tests.conftest import ROOT, SMALL, Sandbox, rows

LETTERS = string.ascii_letters + string.digits


def some(length: int, alphabet: str = LETTERS, seed: str = "") -> str:
    return "".join(random.Random(f"{seed}{length}").choices(alphabet, k=length))


HEX = "0123456789abcdef"
TOKENS = {
    "an AWS access key": "AKIA" + some(16, string.ascii_uppercase + string.digits),
    "a GitHub token": "ghp_" + some(36),
    "a GitHub token, fine-grained": "github_pat_" + some(82),
    "a GitLab token": "glpat-" + some(20),
    "a Slack token": "xoxb-" + some(12, string.digits) + "-" + some(24),
    "a Slack webhook": "hooks.slack.com/services/T" + some(10) + "/B" + some(10) + "/" + some(24),
    "a Stripe key": "sk_live_" + some(24),
    "a Google API key": "AIza" + some(35),
    "a Hugging Face token": "hf_" + some(34, string.ascii_letters),
    "an OpenAI or Anthropic key": "sk-proj-" + some(48),
    "an npm token": "npm_" + some(36),
    "a PyPI token": "pypi-AgEIcHlwaS5vcmc" + some(70),
    "a Docker token": "dckr_pat_" + some(27),
    "a HashiCorp token": "hvs." + some(90),
    "a HashiCorp token of Terraform": some(14) + ".atlasv1." + some(67),
    "a DigitalOcean token": "dop_v1_" + some(64, HEX),
    "a SendGrid key": "SG." + some(22) + "." + some(43),
    "a Twilio key": "SK" + some(32, HEX),
    "a Databricks token": "dapi" + some(32, HEX),
    "a Shopify token": "shpat_" + some(32, HEX),
    "a Grafana token": "glsa_" + some(32) + "_" + some(8, HEX),
    "a Telegram token": "123456789:AA" + some(33),
    "an age key": "AGE-SECRET-KEY-1" + some(58, string.ascii_uppercase + string.digits),
    "a JSON Web Token": "eyJ" + some(20) + ".eyJ" + some(40) + "." + some(43),
    "an Azure storage key": "AccountKey=" + some(86) + "==",
    "a password in an address": "postgresql://admin:hunter2@db.example.com:5432/app",
    "a private key": f"-----BEGIN RSA PRIVATE KEY-----\n{some(64)}\n{some(65)}\n-----END RSA PRIVATE KEY-----",
    "a private key on one line": "-----BEGIN PRIVATE KEY-----\\n" + some(64) + "\\n-----END PRIVATE KEY-----",
    "a secret: high-entropy string": some(40),
    "a secret: high-entropy string (base64)": base64.b64encode(random.Random(1).randbytes(32)).decode(),
    "a secret: high-entropy string (small letters)": some(40, string.ascii_lowercase + string.digits),
    "the secret that db_password names": 'db_password: "Tr0ub4dor&3x"',
    "the secret that API-KEY names": f"API-KEY={some(16, HEX)}",
    "the secret that client_secret names": f"client_secret = '{uuid.UUID(int=random.Random(2).getrandbits(128))}'",
}  # fmt: skip
# The lines that a secret may stand in.
PLACES = ("key: {}", 'key: "{}"', "# a comment: {}", "{}: key", "- [{}, x]", "FOO={} bar", '{{{{ "{}" }}}}')


@rows("what", list(TOKENS))
def test_each_form_of_secret_is_found_in_every_place_and_not_shown(what: str) -> None:
    secret = TOKENS[what]
    for place in PLACES:
        text = f"first: line\n{place.format(secret)}\n"
        found = find_secrets("x.yaml", text)
        assert len(found) == 1, (text, found)
        finding = found[0].finding()
        assert re.split(r" \(|,| of | on ", what)[0] in finding.message
        assert finding.at
        assert finding.at.line == 2
        hidden = found[0].text[4:]
        for shown in (finding.message, finding.hint, finding.at.text):
            assert not any(hidden[start : start + 8] in shown for start in range(0, len(hidden) - 8, 4)), (
                shown
            )


def test_several_secrets_of_one_line_are_all_covered() -> None:
    tokens = [TOKENS[what] for what in ("a GitHub token", "a Stripe key", "a GitLab token")]
    found = find_secrets("x", " ".join(tokens))
    assert len(found) == 3
    for secret in found:
        assert not any(token in secret.at.text for token in tokens)
        assert len(secret.at.text) == len(" ".join(tokens))


@rows("seed", range(20))
def test_a_long_text_is_scanned_as_a_whole_unless_all_paragraphs_have_nothing(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    pieces = [
        *TOKENS.values(),
        *(text for _, text in itertools.islice(harmless(), 200)),
        "",
        "words",
        "sha256:",
    ]
    pieces += [
        "_acme-challenge:",
        "- name: DB_PASSWORD",
        "  value:",
        "ENC[AES256,",
        "-----BEGIN CERTIFICATE-----",
    ]
    for count in (1, 2, 30):
        chosen = [chance.choice(pieces) for _ in range(count)] + ["x" * 70] * 40
        chance.shuffle(chosen)
        text = "".join(each + chance.choice(["\n", "\n\n", "\n\n\n", " "]) for each in chosen)
        with monkeypatch.context() as patch:
            patch.setattr(places, "_LONG", 10**9)
            whole = list(places.scan(text))
        assert list(places.scan(text)) == whole, text


def harmless() -> Iterator[tuple[str, str]]:
    """Yield a thousand texts that look random or secret, and are public."""
    chance = random.Random(4)
    for _ in range(40):
        digest, short = chance.randbytes(32), chance.randbytes(20)
        encoded = base64.b64encode(digest).decode()
        number = chance.randrange(10**11, 10**12)
        yield "a commit", f"ref: {short.hex()}"
        yield "a digest of an image", f"image: registry.k8s.io/pause:3.9@sha256:{digest.hex()}"
        yield "a digest of npm", f"integrity: sha512-{base64.b64encode(chance.randbytes(64)).decode()}"
        yield "a digest of Go", f"hash: h1:{encoded}"
        yield "a digest of a provider", f'  "zh:{digest.hex()}",'
        yield "a digest of a script", f"script-src 'sha256-{encoded}'"
        yield "a UUID", f"id: {uuid.UUID(bytes=short[:16])}"
        yield (
            "an ARN of a certificate",
            f"arn:aws:acm:us-east-1:{number}:certificate/{uuid.UUID(bytes=short[:16])}",
        )
        yield (
            "an ARN of a secret",
            f"secret_arn: arn:aws:secretsmanager:eu-west-1:{number}:secret:prod/db-{some(6, seed=encoded)}",
        )
        yield (
            "an ARN of a role",
            f"role: arn:aws:iam::{number}:role/github-actions-deploy-{chance.randrange(99)}",
        )
        yield (
            "a registry",
            f"image: {number}.dkr.ecr.us-east-1.amazonaws.com/oet-backend:v1.{chance.randrange(99)}.0",
        )
        yield (
            "an address",
            f"https://docs.example.com/en/latest/{chance.randrange(2030)}/guides/deploy-with-oidc?page={chance.randrange(99)}#step-2",
        )
        yield (
            "an image",
            f"ghcr.io/owner/api-server:2024.{chance.randrange(12)}.1-alpine3.{chance.randrange(20)}",
        )
        yield (
            "a public key",
            f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA{base64.b64encode(digest).decode()} someone@example.com",
        )
        yield (
            "text in base64",
            f"note: {base64.b64encode(f'a note of {number} words, and none of them secret'.encode()).decode()}",
        )
        yield "the name of a secret", f"secret_name: app-secrets-{chance.randrange(99)}"
        yield "the variable of a secret", "huggingface-api-key: HUGGINGFACE_API_KEY_2"
        yield "a reference to a secret", "password: ${{ secrets.DB_PASSWORD_1 }}"
        yield "a reference of Terraform", "password = var.db_password_v2"
        yield "a reference of a shell", 'TOKEN="$(cat /run/secrets/token1)"'
        yield "a placeholder", f"api_key: {'x' * 32}"
        yield "an example of AWS", "key: AKIAIOSFODNN7EXAMPLE"
        yield "a policy", "ssl-policy: ELBSecurityPolicy-TLS13-1-2-2021-06"
        yield "a long name", f"AmazonEKSClusterAutoscalerPolicyForEnvironment{chance.randrange(99)}Version2"
        yield "a path", "path: /var/lib/kubelet/pods/k8s1/volumes/kubernetes.io~csi/data2/mount"
        yield "a hash in the name of a pod", f"pod: oet-backend-{short.hex()[:10]}-{short.hex()[10:15]}"


def test_what_is_public_is_no_secret() -> None:
    texts = list(harmless())
    assert len(texts) >= 1000
    wrong = [(what, text, found.what) for what, text in texts for found in find_secrets("x", text)]
    assert wrong == []


def test_a_certificate_is_public_and_a_key_beside_it_is_not() -> None:
    body = "\n".join(some(64, seed=str(number)) for number in range(20))
    text = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    assert find_secrets("x", text) == ()
    assert len(find_secrets("x", text + TOKENS["a private key"])) == 1


def test_a_secret_in_base64_is_one_too() -> None:
    token = TOKENS["a GitHub token"]
    (found,) = find_secrets("x", f"token: {base64.b64encode(f'token={token}'.encode()).decode()}")
    assert token not in found.at.text


@pytest.mark.parametrize("root", [ROOT, SMALL], ids=["real", "small"])
def test_the_project_itself_has_none(root: Path) -> None:
    files = [path for folder in ("templates", "environments") for path in sorted((root / folder).rglob("*"))]
    texts = [(path.name, path.read_text("utf-8")) for path in files if path.is_file()]
    assert texts
    assert [found for text in texts for found in find_secrets(*text)] == []


def test_a_random_text_of_any_alphabet_is_nearly_always_found() -> None:
    """Nine in ten; what is shorter, or of letters alone, might as well be a name."""
    for alphabet in (LETTERS, LETTERS + "+/", LETTERS + "-_", string.ascii_lowercase + string.digits):
        texts = [f"v: {some(40, alphabet, str(number))}" for number in range(200)]
        assert sum(bool(find_secrets("x", text)) for text in texts) >= 180


HOSTILE = (
    "a" * 200_000,
    "a:" * 100_000,
    "password" * 20_000,
    "password: " * 20_000,
    "-----BEGIN PRIVATE KEY-----" * 4000,
    "AKIAABCDEFGHIJKLMN23 " * 4000,
    "eyJaaaaaaaaaaa." * 4000,
    "://" * 50_000,
    "é" * 100_000,
)


@rows("text", HOSTILE)
def test_no_text_takes_long(text: str) -> None:
    assert len(find_secrets("x", text)) <= 50


def test_no_other_message_shows_the_secret(small: Sandbox) -> None:
    """Whatever else is wrong at that place, and on that line, the text is covered."""
    token = TOKENS["an AWS access key"]
    small.write(
        "environments/prod.yaml",
        f"services:\n  api: {{image: {token}, replica: 1, env: {{KEY: {token}}}}} # {token}\ngreting: {token}\n",
    )
    small.write("templates/k8s/config.yaml.j2", f'a: {{{{ "{token}" ~ greting }}}}\n')
    for result in (
        small.oetgen("render", "--all"),
        small.oetgen("check"),
        small.oetgen("render", "prod", "--out", "x", "--set", f"services.api.image={token}"),
    ):
        assert result.status == 1
        assert token not in result.out + result.err
        assert "AKIA…" in result.out + result.err
        assert not (small.root / "out").exists()


def test_a_secret_in_a_partial_that_nobody_uses_is_found(small: Sandbox) -> None:
    small.write("templates/_old.j2", f"# {TOKENS['a GitHub token']}\n")
    assert "leaks/secret" in small.oetgen("check", "prod").out


def test_json_output_is_no_way_around(small: Sandbox) -> None:
    """What the schema says of a long value is cut, and the cut piece is covered as well."""
    token = TOKENS["a GitHub token, fine-grained"]
    small.write("environments/prod.yaml", f"services:\n  api:\n    image: {json.dumps(token)}\n")
    result = small.oetgen("render", "prod")
    assert token[:20] not in result.err


def test_the_hash_of_a_file_is_no_secret() -> None:
    assert find_secrets("x", f"checksum/config: {hashlib.sha256(b'x').hexdigest()}") == ()
