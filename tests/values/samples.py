"""Random texts of the kinds that are secrets and of those that are public: none of them is real."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
import uuid
from collections.abc import Callable
from re import _parser  # type: ignore[attr-defined]  # the parser of the standard library, for samples of a pattern
from typing import Any

LETTERS = string.ascii_letters + string.digits
SMALL = string.ascii_lowercase + string.digits
CAPITAL = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
WORDS = (
    "amber badge cabin dizzy eagle flint grape horse igloo jelly kayak lemon mango noble otter piano quilt raven"
    " sugar tiger ultra vivid whale yacht zebra correct battery staple orange marble"
).split()

PLACEHOLDERS = ("changeme", "CHANGE_ME_9", "<password-1>", "********", "your-password-1", "xxxxxxxxxx")

Make = Callable[[random.Random], str]


def sample(pattern: str, chance: random.Random) -> str:
    """Return a random text that `pattern` matches, with at most four repetitions beyond the least."""
    return _sample(_parser.parse(pattern), chance)


def _sample(nodes: Any, chance: random.Random) -> str:
    return "".join(_SAMPLES[str(kind)](value, chance) for kind, value in nodes)


def _repeated(value: Any, chance: random.Random) -> str:
    least, most, inner = value
    return "".join(_sample(inner, chance) for _ in range(chance.randint(least, min(most, least + 4))))


def _one_of(value: Any, chance: random.Random) -> str:
    chars: list[str] = []
    for kind, each in value:
        chars += map(chr, range(each[0], each[1] + 1)) if str(kind) == "RANGE" else [chr(each)]
    return chance.choice(chars)


_SAMPLES: dict[str, Callable[[Any, random.Random], str]] = {
    "LITERAL": lambda value, chance: chr(value),
    "IN": _one_of,
    "MAX_REPEAT": _repeated,
    "SUBPATTERN": lambda value, chance: _sample(value[3], chance),
    "BRANCH": lambda value, chance: _sample(chance.choice(value[1]), chance),
    **dict.fromkeys(("AT", "ASSERT", "ASSERT_NOT"), lambda value, chance: ""),
}


def some(chance: random.Random, length: int, alphabet: str = LETTERS) -> str:
    """Return random characters."""
    return "".join(chance.choices(alphabet, k=length))


def mixed(chance: random.Random, length: int, alphabet: str = LETTERS) -> str:
    """Return random characters with a letter and a digit among them, as a generated password has."""
    while True:
        text = some(chance, length, alphabet)
        if any(map(str.isdigit, text)) and any(map(str.isalpha, text)):
            return text


def encoded(data: str | bytes) -> str:
    """Return base64."""
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def lines(text: str, indent: int) -> str:
    """Return `text` in lines of 64 characters, each indented by `indent` blanks."""
    return "".join(f"{' ' * indent}{text[at : at + 64]}\n" for at in range(0, len(text), 64))


def sealed(chance: random.Random) -> str:
    """Return what kubeseal writes: the length of the encrypted session key, that key, and the encrypted text."""
    size = chance.choice((256, 512))
    return encoded(size.to_bytes(2, "big") + chance.randbytes(size + 16 + chance.randrange(1, 60)))


def sops(chance: random.Random) -> str:
    parts = f"data:{encoded(chance.randbytes(32))},iv:{encoded(chance.randbytes(32))}"
    return f"ENC[AES256_GCM,{parts},tag:{encoded(chance.randbytes(16))},type:str]"


def words(chance: random.Random, count: int) -> list[str]:
    """Return different words."""
    return chance.sample(WORDS, count)


def _with(chance: random.Random, char: str, length: int = 14) -> str:
    text = mixed(chance, length)
    at = chance.randrange(2, length - 2)
    return text[:at] + char + text[at:]


def _user(chance: random.Random) -> str:
    return f"{chance.choice(WORDS)}:"


def _name(chance: random.Random) -> str:
    return chance.choice(
        ("DB_PASSWORD", "password", "smtpPassword", "redis-password", "POSTGRES_PASSWORD", "admin.passwd")
    )


def _anonymous(chance: random.Random) -> str:
    payload = encoded(json.dumps({"role": "anon", "ref": some(chance, 20, SMALL)})).rstrip("=")
    return f"anon: eyJhbGciOiJIUzI1NiJ9.{payload}.{some(chance, 43)}"


SECRETS: dict[str, Make] = {
    "a token in an address": lambda c: (
        f"url: https://{mixed(c, 20)}@git.example.com/{c.choice(WORDS)}/app.git"
    ),
    "a long token in an address": lambda c: f"remote = https://{some(c, 40, HEX)}@git.example.com/app",
    "a password in an address": lambda c: f"DATABASE_URL=postgres://app:{mixed(c, 8)}@db.example.com/app",
    "basic authentication": lambda c: f'h: "Authorization: Basic {encoded(_user(c) + mixed(c, 10))}"',
    "basic authentication of curl": lambda c: (
        f'curl -H "Authorization: Basic {encoded(_user(c) + mixed(c, 16))}" https://x'
    ),
    "a word with digits": lambda c: f"{_name(c)}: {c.choice(WORDS)}{c.randrange(2, 99)}",
    "a word with many digits": lambda c: f'{_name(c)}="{c.choice(WORDS)}{c.randrange(100, 9999)}"',
    "words with dashes": lambda c: f"{_name(c)}: {'-'.join(words(c, c.randrange(3, 6)))}",
    "words with dashes and a number": lambda c: (
        f"{_name(c)}: {'-'.join([*words(c, 2), str(c.randrange(99))])}"
    ),
    "words with blanks": lambda c: f'{_name(c)}: "{" ".join(words(c, 4))}"',
    "a password with a dollar sign": lambda c: f"{_name(c)}: {_with(c, '$')}",
    "a password with two dollar signs": lambda c: f"{_name(c)}: '{_with(c, '$$')}'",
    "a password with a blank": lambda c: f'{_name(c)}: "{_with(c, " ")}"',
    "a password with signs": lambda c: f"{_name(c)}: '{_with(c, c.choice('!%^&*@#~'))}'",
    "a short password": lambda c: f"{_name(c)}: '{mixed(c, 6)}!'",
    "a number": lambda c: f"{_name(c)}: '{some(c, 8, string.digits)}'",
    "pass": lambda c: f"pass: {mixed(c, 16)}",
    "auth": lambda c: f"auth: {mixed(c, 16)}",
    "auth in quotes": lambda c: f'_auth="{mixed(c, 16)}"',
    "a variable of a container": lambda c: (
        f"- name: DB_PASSWORD\n  value: {c.choice(WORDS)}{c.randrange(2, 99)}"
    ),
    "a variable in JSON": lambda c: json.dumps({"name": "API_TOKEN", "value": mixed(c, 24)}),
    "an option": lambda c: f"mysql --password {c.choice(WORDS)}{c.randrange(100, 999)} app",
    "an option with an equals sign": lambda c: f"redis-cli --pass={mixed(c, 16)} ping",
    "Mailgun": lambda c: f"mailgun: key-{some(c, 32, HEX)}",
    "Mailgun, of today": lambda c: f"mailgun: {some(c, 32, HEX)}-{some(c, 8, HEX)}-{some(c, 8, HEX)}",
    "New Relic": lambda c: f"newrelic: NRAK-{some(c, 27, CAPITAL)}",
    "New Relic, license": lambda c: f"license: {some(c, 36, HEX)}NRAL",
    "Supabase": lambda c: f"supabase: sbp_{some(c, 40, HEX)}",
    "Postman": lambda c: f"postman: PMAK-{some(c, 24, HEX)}-{some(c, 34, HEX)}",
    "a DSN of Sentry with its secret": lambda c: (
        f"dsn: https://{some(c, 32, HEX)}:{some(c, 32, HEX)}@sentry.io/{c.randrange(10**6)}"
    ),
    "base64 of an AWS key": lambda c: f"data: {encoded('AKIA' + some(c, 16, CAPITAL))}",
    "base64 of an AWS secret": lambda c: f"aws_secret_access_key: {encoded(c.randbytes(30))}",
    "Azure client secret": lambda c: f"azure: {some(c, 3)}8Q~{some(c, 34, LETTERS + '_~.-')}",
    "Square": lambda c: f"square: EAAA{some(c, 60, LETTERS + '_-')}",
    "Square, of an application": lambda c: f"square: sq0csp-{some(c, 43, LETTERS + '_-')}",
    "an RSA key without its lines": lambda c: (
        f"key: {encoded(bytes.fromhex('308204bd020100300d06092a864886f70d0101010500048204a7') + c.randbytes(300))}"
    ),
}

PUBLIC: dict[str, Make] = {
    "a tokenizer": lambda c: f"tokenizer: cl{c.randrange(50, 200)}k_base_model_v{c.randrange(1, 9)}",
    "a number of tokens": lambda c: f"max_tokens: {c.randrange(1000, 99999)}",
    "a policy of passwords": lambda c: f"password_policy_min: {c.randrange(8, 99)}",
    "a policy of passwords, as text": lambda c: (
        f"password_policy: length{c.randrange(8, 30)}-upper{c.randrange(9)}-digits2"
    ),
    "DKIM": lambda c: (
        f'txt: "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC{encoded(c.randbytes(120))}QIDAQAB"'
    ),
    "DKIM, ed25519": lambda c: f'txt: "v=DKIM1; k=ed25519; p={encoded(c.randbytes(32))}"',
    "DKIM by its key": lambda c: f"dkim_record: {encoded(c.randbytes(60))}",
    "Google's verification": lambda c: (
        f'records = ["google-site-verification={some(c, 43, LETTERS + "_-")}"]'
    ),
    "a verification": lambda c: f'value: "{c.choice(WORDS)}-domain-verification={some(c, 32)}"',
    "an ACME challenge": lambda c: (
        f'name: _acme-challenge.example.com\ntype: TXT\nvalue: "{some(c, 43, LETTERS + "_-")}"'
    ),
    "PostHog": lambda c: f"NEXT_PUBLIC_POSTHOG_KEY: phc_{some(c, 43)}",
    "PostHog by another key": lambda c: f"posthog_token: phc_{some(c, 43)}",
    "Mapbox": lambda c: f"mapbox_token: pk.eyJ1Ijoi{some(c, 60)}.{some(c, 22, LETTERS + '_-')}",
    "Firebase": lambda c: (
        f"firebase:\n  apiKey: AIza{some(c, 35, LETTERS + '_-')}\n  authDomain: app.firebaseapp.com"
    ),
    "Firebase by its key": lambda c: f"FIREBASE_API_KEY=AIza{some(c, 35, LETTERS + '_-')}",
    "Firebase, push messages": lambda c: f"vapid: B{some(c, 86, LETTERS + '_-')}",
    "a parameter": lambda c: (
        f"name: pS{c.randrange(9)}{c.choice(('Object', 'Access'))}Trail{c.choice(('Bucket', 'Prefix'))}Name"
    ),
    "a long parameter": lambda c: (
        "Ref: " + "".join(word.title() for word in words(c, 5)) + f"V{c.randrange(9)}"
    ),
    "a DSN of Sentry": lambda c: (
        f"SENTRY_DSN: https://{some(c, 32, HEX)}@o{c.randrange(10**6)}.ingest.us.sentry.io/{c.randrange(10**9)}"
    ),
    "Stripe, publishable": lambda c: f"stripe_key: pk_live_{some(c, 99)}",
    "Stripe, publishable, short": lambda c: f"stripe_token: pk_test_{some(c, 24)}",
    "Stripe, a price": lambda c: f"price: price_{some(c, 24)}",
    "reCAPTCHA": lambda c: f"recaptcha_site_key: 6L{some(c, 38, LETTERS + '_-')}",
    "reCAPTCHA, one word": lambda c: f"RECAPTCHA_SITEKEY=6L{some(c, 38, LETTERS + '_-')}",
    "a ULID": lambda c: f"event: 01{some(c, 24, '0123456789ABCDEFGHJKMNPQRSTVWXYZ')}",
    "Cognito": lambda c: f"cognito_client_id: {some(c, 26, SMALL)}",
    "Cognito, camel case": lambda c: f"userPoolClientId: {some(c, 26, SMALL)}",
    "Datadog RUM": lambda c: f"clientToken: pub{some(c, 32, HEX)}",
    "Datadog RUM, the application": lambda c: f"applicationId: {uuid.UUID(int=c.getrandbits(128))}",
    "a hosted zone": lambda c: f"zone: Z{some(c, 20, CAPITAL)}",
    "a long hosted zone": lambda c: f"hosted_zone_id: Z{some(c, 30, CAPITAL)}",
    "secrets of a workflow": lambda c: (
        f"# The {c.choice(WORDS).upper()} secret is passed with `secrets: inherit`"
    ),
    "a digest of an image": lambda c: f"image: ghcr.io/x/{c.choice(WORDS)}@sha256:{some(c, 64, HEX)}",
    "a commit": lambda c: f"token_revision: {some(c, 40, HEX)}",
    "a UUID": lambda c: f"tenant: {uuid.UUID(int=c.getrandbits(128))}",
    "a public key of SSH": lambda c: (
        f"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{encoded(c.randbytes(256))} x@example.com"
    ),
    "a public key": lambda c: f"wireguard_public_key: {encoded(c.randbytes(32))}",
    "a public key in DER": lambda c: f"jwks: MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE{encoded(c.randbytes(64))}",
    "a certificate": lambda c: (
        f"-----BEGIN CERTIFICATE-----\nMIID{encoded(c.randbytes(120))}\n-----END CERTIFICATE-----"
    ),
    "a certificate on one line": lambda c: f"ca: MIIDdzCCAl+gAwIBAgIE{encoded(c.randbytes(300))}",
    "a certificate of a cluster": lambda c: (
        "ca_data: "
        + encoded(f"-----BEGIN CERTIFICATE-----\nMIID{encoded(c.randbytes(90))}\n-----END CERTIFICATE-----\n")
    ),
    "a fingerprint": lambda c: f"fingerprint: SHA256:{encoded(hashlib.sha256(c.randbytes(9)).digest())[:43]}",
    "an entity tag": lambda c: f'etag: "{some(c, 32)}"',
    "an anonymous key of Supabase": _anonymous,
    "the name of a Secret": lambda c: (
        f"password: {c.choice(WORDS)}-db-{c.choice(('password', 'secret', 'credentials'))}"
    ),
    "the key of a Secret": lambda c: f"password: {c.choice(WORDS)}_password",
    "a variable": lambda c: f"password: {c.choice(WORDS).upper()}_DB_PASSWORD",
    "a variable of a shell": lambda c: f'PASSWORD="${c.choice(WORDS).upper()}_PASSWORD"',
    "an expression of Terraform": lambda c: (
        f"password = random_password.{c.choice(WORDS)}{c.randrange(9)}.result"
    ),
    "an expression of JavaScript": lambda c: f"password: process.env.{c.choice(WORDS).upper()}_PASSWORD,",
    "an expression of GitHub": lambda c: f"password: ${{{{ secrets.{c.choice(WORDS).upper()}_2 }}}}",
    "a label": lambda c: (
        f'password: "{c.choice(("Enter", "Repeat", "Forgot"))} your password, {c.choice(WORDS)}"'
    ),
    "a sentence": lambda c: f"The password: see {' '.join(words(c, 3))}.",
    "a mode": lambda c: (
        f"password: {c.choice(('write_only', 'in_state', 'read-only', 'required', 'scram-sha-256', 'md5'))}"
    ),
    "a file of a password": lambda c: f"password_file: /run/secrets/{c.choice(WORDS)}-{c.randrange(99)}",
    "a placeholder": lambda c: f"password: {c.choice(PLACEHOLDERS)}",
    "a user in an address": lambda c: f"url: ssh://git@{c.choice(WORDS)}.example.com/app.git",
    "a scope": lambda c: f"oauth_scopes: {c.choice(WORDS)}.read-{c.choice(WORDS)}.write2",
    "an author": lambda c: f"author: {c.choice(WORDS)}{c.randrange(1000, 9999)}",
    "a key of a keyboard": lambda c: f"key: {c.choice(WORDS)}-{c.randrange(10000)}",
    "a sealed secret": lambda c: (
        f"kind: SealedSecret\nspec:\n  encryptedData:\n    DB_PASSWORD: {sealed(c)}\n"
        f"    token: |\n      {sealed(c)}\n"
    ),
    "a sealed secret, folded": lambda c: (
        "spec:\n  encryptedData:\n    API_KEY: >-\n" + lines(sealed(c), 6) + "    other: 1\n"
    ),
    "a sealed secret as JSON": lambda c: f'{{"encryptedData": {{"PASSWORD": "{sealed(c)}"}}}}',
    "SOPS": lambda c: f"password: {sops(c)}\nstringData:\n  API_TOKEN: {sops(c)}\nsops:\n  mac: {sops(c)}\n",
    "SOPS in .env": lambda c: f"DB_PASSWORD={sops(c)}\nsops_mac={sops(c)}\n",
    "SOPS in JSON": lambda c: f'{{"token": "{sops(c)}"}}',
    "SOPS, the data key": lambda c: (
        f"sops:\n  kms:\n  - enc: {encoded(bytes([1, 2, 2, 0]) + c.randbytes(180))}\n"
        f"  azure_kv:\n  - enc: {encoded(c.randbytes(256))}\n  age:\n  - enc: |\n"
        f"      -----BEGIN AGE ENCRYPTED FILE-----\n{lines(encoded(c.randbytes(120)), 6)}"
        "      -----END AGE ENCRYPTED FILE-----\n"
    ),
    "eyaml": lambda c: (
        f"db::password: ENC[PKCS7,{encoded(c.randbytes(300))}]\n"
        f"token: >\n  ENC[PKCS7,\n{lines(encoded(c.randbytes(120)), 2)}  ]\n"
    ),
    "Ansible Vault": lambda c: (
        f"db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n{lines(c.randbytes(200).hex(), 2)}"
    ),
    "Travis CI": lambda c: f'env:\n  global:\n  - secure: "{encoded(c.randbytes(512))}"\n',
    "AppVeyor": lambda c: f"environment:\n  my_token:\n    secure: {encoded(c.randbytes(32))}\n",
    "Pulumi": lambda c: (
        f"encryptionsalt: v1:{encoded(c.randbytes(8))}:v1:{encoded(c.randbytes(12))}:{encoded(c.randbytes(32))}\n"
        f"config:\n  app:password:\n    secure: v1:{encoded(c.randbytes(12))}:{encoded(c.randbytes(40))}\n"
    ),
    "AWS KMS": lambda c: f'payload = "AQICAH{encoded(c.randbytes(150))}"',
    "Cloud KMS": lambda c: f"secretEnv:\n  PASSWORD: CiQA{encoded(c.randbytes(90))}\n",
    "Vault's transit engine": lambda c: f"password: vault:v1:{encoded(c.randbytes(60))}\n",
    "a method of Lua": lambda c: (
        f'local token = {c.choice(WORDS)}_header:match("Bearer%s+(.+)")\n'
        f"token = jwt:new({c.choice(WORDS)}, 1)\npassword = Auth::fetch({c.choice(WORDS)})\n"
        f"secret = store->get({c.choice(WORDS)})\n"
    ),
}
