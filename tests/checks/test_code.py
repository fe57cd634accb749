"""What the rules find in shell code and Dockerfiles, and what they do not, on files as others write them."""

from __future__ import annotations

import pytest

from generator.checks.registry import rules
from generator.checks.rule import Context, NotApplicableError, Repository
from generator.system import System
from tests.checks.helpers import TODAY
from tests.conftest import rows

WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n"


def findings(rule: str, files: dict[str, str]) -> list[str]:
    """Return what a rule reports, each with its line."""
    context = Context(System.of_files(files), Repository(), TODAY)
    try:
        return [f"{each.at.line}: {each.message}" for each in rules()[rule].check(context) if each.at]
    except NotApplicableError:
        return []


def steps(*code: str) -> str:
    """Return a workflow of steps that run or use something."""
    return WORKFLOW + "".join(
        f"    - {each}\n"
        if each.startswith("uses:")
        else "    - run: |\n" + "".join(f"        {line}\n" for line in each.split("\n"))
        for each in code
    )


SYNTAX = [
    ("scripts/a.sh", "case $1 in\n  up) (cd app && echo up) ;;\nesac\n", []),
    ("scripts/a.sh", "if x; then\n  echo 'a\nfi\n", ["2: not shell: the quote ' is not closed"]),
    (
        "scripts/a.sh",
        "a |\n# b\n",
        ["2: not shell: the code ends too early, expected a command"],
    ),
    ("scripts/a.sh", "a \\\n", ["1: the last line ends with a backslash, but no line follows"]),
    ("scripts/a.sh", "#!/bin/zsh\nfor x (a b) echo $x\n", []),
    ("scripts/a.sh", f"{'$(a ' * 99}{')' * 99}\n", []),
    (
        ".github/workflows/a.yml",
        steps("if a; then\n  b\nfi", "for x in a b\n  c"),
        ["12: not shell: unexpected c, expected do"],
    ),
    ("a/Dockerfile", "FROM a\nENV b\nCMD c\n", ["2: not a Dockerfile: ENV needs a name and a value"]),
    ("a/Dockerfile", "FROM a\nRUN <<E\nb\n  E\n", ["2: not a Dockerfile: nothing ends the here-document E"]),
    ("a/Dockerfile", "FROM\ta\nRUN\t<<E sh\nb\nE\n", []),
]


@rows("path, text, expected", SYNTAX)
def test_code_that_its_consumer_refuses_is_named_at_its_line(
    path: str, text: str, expected: list[str]
) -> None:
    assert findings("syntax", {path: text}) == expected


UNSET = [
    (["uses: actions/checkout@v6", "echo $a"], ["8: a"]),
    (["uses: docker/metadata-action@v5", "jq . <<< $DOCKER_METADATA_OUTPUT_JSON"], []),
    (["uses: ./actions/own", "echo $a"], []),
    (['echo "a=$(b)" >> "$GITHUB_ENV"\necho "c<<E" >> "$GITHUB_ENV"', "echo $a $c $d"], ["10: d"]),
    (['cat >> "$GITHUB_ENV" <<E\na=1\nb=2\nE', "echo $a $b $c"], ["12: c"]),
    (['{\n  echo "a=1"\n} >> "$GITHUB_ENV"', "echo $a $b"], ["11: b"]),
    (['jq -r . a.json >> "$GITHUB_ENV"', "echo $a"], []),
    (['echo "$HOME" | tee -a "$GITHUB_ENV"', "echo $a"], []),
    ([". ./a.env\necho $a"], []),
    (["((a = 1)); for b in c; do echo $a $b ${d:-e}; done"], []),
]


@rows("code, expected", UNSET)
def test_a_variable_is_unset_only_where_nothing_else_can_set_it(code: list[str], expected: list[str]) -> None:
    found = findings("unset-variables", {".github/workflows/a.yml": steps(*code)})
    assert [
        f"{each.partition(':')[0]}: {each.partition('$')[2].partition(',')[0]}" for each in found
    ] == expected


WRITTEN = [
    ("mkdir -p x/y/\necho a > x/y/z\necho b > x/w", []),
    ("mkdir -m 700 ./x\necho a > x/z", []),
    ("mkdir -p ~/.config/x\necho x > ~/.config/x/k", []),
    ("echo a > x/z", ["7: a file is written to x/, which does not exist"]),
]


@pytest.mark.parametrize(("code", "expected"), WRITTEN)
def test_a_folder_is_made_by_any_spelling_of_it(code: str, expected: list[str]) -> None:
    files = {".github/workflows/a.yml": steps(code), "k8s/a.yaml": MANIFEST}
    assert findings("deploy-targets", files) == expected


IMAGES = [
    ('ENV U=app\nRUN useradd --no-create-home "$U"\nCOPY --chown=app:app a .\nUSER app', [], []),
    ('ARG U\nRUN useradd "${U}"\nCOPY --chown=app:app a .\nUSER app', [], []),
    ("RUN <<E\nadduser -S -u 7 -G g app\nE\nCOPY --chown=app a /b/\nUSER app", [], []),
    ("RUN set -e; if x; then adduser -u 7 app; fi\nUSER 7", [], []),
    (
        "RUN useradd -u 7 --shell /bin/sh other\nCOPY --chown=app a /b/\nUSER app",
        ["4: the image has no user app"],
        ["3: the image has no user or group app"],
    ),
]


@rows("code, of_user, of_stages", IMAGES)
def test_the_user_of_an_image_is_one_that_it_adds(
    code: str, of_user: list[str], of_stages: list[str]
) -> None:
    files = {"a/Dockerfile": f'FROM x\n{code.replace(" a .", " a /b/")}\nCMD ["x"]\n'}
    assert findings("user", files) == of_user
    assert findings("stages", files) == of_stages


INSTALLS = [
    ("RUN npm ci", "echo yarn install # pnpm install\nnpm install -g yarn\nnpm --prefix x ci", []),
    ("RUN if [ -f yarn.lock ]; then yarn --frozen-lockfile; else npm ci; fi\nRUN npm i", "yarn", []),
    (
        'RUN echo "npm ci" && \\\n    pnpm install',
        "bash -c 'npm ci'",
        [
            '8: the step "step 1" is for npm, but the image of a uses pnpm',
        ],
    ),
    ("RUN npm ci\nRUN yarn", "npm ci", ["3: the image installs with yarn here, but with npm elsewhere"]),
]


@pytest.mark.parametrize(("image", "code", "expected"), INSTALLS)
def test_an_install_is_a_command_and_no_text(image: str, code: str, expected: list[str]) -> None:
    workflow = steps(code).replace("    - run", "    - working-directory: a\n      run")
    files = {"a/Dockerfile": f'FROM x\n{image}\nUSER 1\nCMD ["x"]\n', ".github/workflows/a.yml": workflow}
    assert findings("package-manager", files) == expected
