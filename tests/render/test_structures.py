"""Lists and maps through filters: a part of a file of their language, and one text everywhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dockerfile
import pygohcl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.languages import EncodeError
from generator.languages.fill import fill
from generator.languages.site import MARK
from generator.project.cache import digest
from generator.render.engine import Rendered
from generator.render.filters import Structure
from generator.render.shape import Shapes, header
from generator.render.structures import place
from tests.conftest import ROOT, Sandbox, rows
from tests.languages.helpers import HOLE, proves, same, texts
from tests.languages.shells import BOTH, run
from tests.languages.test_dockerfile import replaced
from tests.languages.test_yaml import pyyaml, ruamel

TAGS = ['a"b', "c\\d", "it's", "$(id) ${x} `y`"]


def write(language: str, shape: str, *values: Any) -> str:
    """Fill the holes of `shape` as a render does. Raises EncodeError and ShapeError."""
    text = shape.replace(HOLE, MARK)
    rendered = Rendered(text, digest(text), values, (("x.j2", 1, 1, 1),) * len(values))
    result = place(Shapes("x"), language, header(language, "x"), rendered)
    filled = fill(result.shape.literals, result.shape.sites, result.values, result.shape.scalars)
    for _, problem in (*result.placed.problems, *filled.problems):
        raise problem
    return filled.text().replace(header(language, "x"), "")


def structure(form: str) -> Callable[[Any], Structure]:
    return lambda data: Structure(data, form)


def script(text: str) -> str:
    """Return the one word that a script gives to `p`."""
    words = [run(shell, [text])[0] for shell in BOTH]
    assert words[0] == words[1], text
    (word,) = words[0]
    return word


def at(*path: Any) -> Callable[[str], Any]:
    """Return a function that reads the scalar at a path of a YAML document."""

    def read(text: str) -> Any:
        found, again = pyyaml(text)[0], ruamel(text)[0]
        for key in path:
            found, again = found[key], again[key]
        assert found == again
        return found

    return read


WORKFLOW = "on: push\njobs:\n  j:\n    runs-on: ubuntu-24.04\n    steps:\n    - "
STEP = ("jobs", "j", "steps", 0)
CONFIG = "apiVersion: v1\nkind: ConfigMap\ndata:\n  "
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  annotations:\n    x/tags: "

# A file with a list through `| json`, and what reads the text of the list back.
TEXTS: dict[str, tuple[str, str, Callable[[str], str]]] = {
    "script, single quotes": ("shell", "p '•'\n", script),
    "script, double quotes": ("shell", 'p "•"\n', script),
    "script, a word": ("shell", "p •\n", script),
    "script, a part of a word": ("shell", "p x•\n", lambda text: script(text).removeprefix("x")),
    "script, here-document": ("shell", 'read -r x <<EOF\n•\nEOF\np "$x"\n', script),
    "script, quoted here-document": ("shell", "read -r x <<'EOF'\n•\nEOF\np \"$x\"\n", script),
    "run, single quotes": ("github", f"{WORKFLOW}run: p '•'\n", lambda text: script(at(*STEP, "run")(text))),
    "run, a block": (
        "github",
        f"{WORKFLOW}run: |\n        x=1\n        p '•'\n",
        lambda text: script(at(*STEP, "run")(text)),
    ),
    "a step's env": (
        "github",
        f"{WORKFLOW}run: x\n      env:\n        X: '•'\n",
        at(*STEP, "env", "X"),
    ),
    "a step's env, double quotes": (
        "github",
        f'{WORKFLOW}run: x\n      env:\n        X: "•"\n',
        at(*STEP, "env", "X"),
    ),
    "an annotation": (
        "kubernetes",
        f"{SERVICE}'•'\n",
        at("metadata", "annotations", "x/tags"),
    ),
    "a step's env without quotes": (
        "github",
        f"{WORKFLOW}run: x\n      env:\n        X: •\n",
        at(*STEP, "env", "X"),
    ),
    "an input of an action": (
        "github",
        f"{WORKFLOW}uses: x\n      with:\n        x: •\n",
        at(*STEP, "with", "x"),
    ),
    "a command without quotes": (
        "github",
        f"{WORKFLOW}run: p •\n",
        lambda text: script(at(*STEP, "run")(text)),
    ),
    "a container's env": (
        "kubernetes",
        "kind: Pod\nspec:\n  containers:\n  - env:\n    - name: A\n      value: •\n",
        lambda text: at("spec", "containers", 0, "env", 0, "value")(text).replace("$$", "$"),
    ),
    "an environment of Compose": (
        "compose",
        "services:\n  a:\n    environment:\n      A: •\n",
        lambda text: at("services", "a", "environment", "A")(text).replace("$$", "$"),
    ),
    "an annotation without quotes": ("kubernetes", f"{SERVICE}•\n", at("metadata", "annotations", "x/tags")),
    "an annotation of JSON": (
        "kubernetes",
        SERVICE.replace("tags", "tags-json") + "•\n",
        at("metadata", "annotations", "x/tags-json"),
    ),
    "an annotation with more in it": (
        "kubernetes",
        f"{SERVICE}tags •\n",
        lambda text: at("metadata", "annotations", "x/tags")(text).removeprefix("tags "),
    ),
    "JSON in an annotation": (
        "kubernetes",
        SERVICE + '"{\\"a\\": •}"\n',
        lambda text: json.dumps(json.loads(at("metadata", "annotations", "x/tags")(text))["a"]),
    ),
    "a block": ("yaml", "a: |\n  x\n  •\n", lambda text: at("a")(text).removeprefix("x\n")),
    "a folded block": ("yaml", "a: >-\n  •\n", at("a")),
    "a key": ("yaml", "•: 1\n", lambda text: next(iter(pyyaml(text)[0]))),
    "a file of a ConfigMap": ("kubernetes", f"{CONFIG}a.json: |\n    •\n", at("data", "a.json")),
    "a file of a ConfigMap on one line": ("kubernetes", f"{CONFIG}a.json: •\n", at("data", "a.json")),
    "a file of a ConfigMap in quotes": ("kubernetes", f"{CONFIG}a.json: '•'\n", at("data", "a.json")),
    "YAML in a ConfigMap": (
        "kubernetes",
        f"{CONFIG}a.yaml: |\n    x:\n      y: •\n",
        lambda text: json.dumps(yaml.safe_load(at("data", "a.yaml")(text))["x"]["y"]),
    ),
    "a script in a ConfigMap": (
        "kubernetes",
        f'{CONFIG}run.sh: |\n    p "•"\n',
        lambda text: script(at("data", "run.sh")(text)),
    ),
    "a string of HCL": ("hcl", 'a = "•"\n', lambda text: pygohcl.loads(text)["a"]),
    "a part of a string of HCL": ("hcl", 'a = "x•"\n', lambda text: pygohcl.loads(text)["a"][1:]),
    "a heredoc of HCL": ("hcl", "a = <<EOT\n•\nEOT\n", lambda text: pygohcl.loads(text)["a"]),
    "a Dockerfile's RUN": (
        "dockerfile",
        "FROM x\nRUN p '•'\n",
        lambda text: script(dockerfile.parse_string(text)[1].value[0]),
    ),
    "a Dockerfile's ENV": (
        "dockerfile",
        'FROM x\nENV A="•"\n',
        lambda text: replaced(dockerfile.parse_string(text)[1].value[1]),
    ),
    "a fence of a shell": (
        "markdown",
        "# x\n\n```sh\np '•'\n```\n",
        lambda text: script(text.partition("```sh\n")[2].partition("```")[0]),
    ),
    "an unknown file": ("text", "tags = •\n", lambda text: text.removeprefix("tags = ")),
    "an expression of GitHub": (
        "github",
        f"{WORKFLOW}run: x\n      env:\n        X: ${{{{ fromJSON('•')[0] }}}}\n",
        lambda text: at(*STEP, "env", "X")(text)[len("${{ fromJSON('") : -len("')[0] }}")].replace("''", "'"),
    ),
}


@rows("name", list(TEXTS))
def test_a_list_is_one_text_for_its_place(name: str) -> None:
    language, shape, read = TEXTS[name]
    tags = [tag for tag in TAGS if "`" not in tag] if language == "markdown" else TAGS
    assert json.loads(read(write(language, shape, Structure(tags, "json")))) == tags


def terraform_json(text: str) -> Any:
    """Return the value of `a` as Terraform reads it: its strings are templates."""

    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {read(key): read(item) for key, item in value.items()}
        if isinstance(value, list):
            return list(map(read, value))
        return value.replace("$${", "${").replace("%%{", "%{") if isinstance(value, str) else value

    return read(json.loads(text)["a"])


# A file with a list through a filter, where it becomes a part of the file, and what reads the list back.
PARTS: dict[str, tuple[str, str, str, Callable[[str], Any]]] = {
    "yaml": ("yaml", "yaml", "a:\n  •\nb: 1\n", at("a")),
    "yaml, an item": ("yaml", "yaml", "a:\n- x\n- •\n", at("a", 1)),
    "yaml, flow": ("flow", "yaml", "a: •\n", at("a")),
    "yaml, json": ("json", "yaml", "a: [1, •]\n", at("a", 1)),
    "yaml in a block": (
        "yaml",
        "kubernetes",
        f"{CONFIG}a.yaml: |\n    x:\n      y:\n        •\n    z: 1\n",
        lambda text: yaml.safe_load(at("data", "a.yaml")(text))["x"]["y"],
    ),
    "yaml, a whole file in a block": (
        "yaml",
        "kubernetes",
        f"{CONFIG}a.yaml: |\n    •\n",
        lambda text: yaml.safe_load(at("data", "a.yaml")(text)),
    ),
    "yaml, a whole file on one line": (
        "yaml",
        "kubernetes",
        f"{CONFIG}a.yaml: •\n",
        lambda text: yaml.safe_load(at("data", "a.yaml")(text)),
    ),
    "yaml, a whole file in quotes": (
        "yaml",
        "kubernetes",
        f'{CONFIG}a.yaml: "•"\n',
        lambda text: yaml.safe_load(at("data", "a.yaml")(text)),
    ),
    "yaml as text of a block": (
        "yaml",
        "yaml",
        "a: |\n  x:\n    y:\n      •\n  z: 1\nb: 2\n",
        lambda text: yaml.safe_load(at("a")(text))["x"]["y"],
    ),
    "yaml as an item of a block": (
        "yaml",
        "yaml",
        "a: |\n  x:\n  - •\n  - z\nb: 2\n",
        lambda text: yaml.safe_load(at("a")(text))["x"][0],
    ),
    "yaml as a string": ("yaml", "yaml", 'a: "•"\n', lambda text: yaml.safe_load(at("a")(text))),
    "yaml as a value of HCL": (
        "yaml",
        "hcl",
        "a = •\n",
        lambda text: yaml.safe_load(pygohcl.loads(text)["a"]),
    ),
    "flow in a script": ("flow", "shell", "p '•'\n", lambda text: yaml.safe_load(script(text))),
    "yaml in a script": ("yaml", "shell", "p '•'\n", lambda text: yaml.safe_load(script(text))),
    "yaml in a script, on its own lines": (
        "yaml",
        "shell",
        "p 'x:\n  •\n'\n",
        lambda text: yaml.safe_load(script(text))["x"],
    ),
    "yaml in a here-document": (
        "yaml",
        "shell",
        "IFS= read -r -d '' x <<'EOF'\nx:\n  •\ny: 1\nEOF\np \"$x\"\n",
        lambda text: yaml.safe_load(run(BOTH[1], [text])[0][0])["x"],
    ),
    "yaml in a here-document with expansions": (
        "yaml",
        "shell",
        "IFS= read -r -d '' x <<-EOF\n\tx:\n\t  - •\n\tEOF\np \"$x\"\n",
        lambda text: yaml.safe_load(run(BOTH[1], [text])[0][0])["x"][0],
    ),
    "json": ("json", "json", '{"a": •}\n', lambda text: json.loads(text)["a"]),
    "hcl": ("hcl", "hcl", "a = •\n", lambda text: pygohcl.loads(text)["a"]),
    "json in hcl": ("json", "hcl", "a = •\n", lambda text: pygohcl.loads(text)["a"]),
    "hcl in a block": (
        "hcl",
        "yaml",
        "a: |\n  x = •\nb: 1\n",
        lambda text: pygohcl.loads(at("a")(text))["x"],
    ),
    "hcl as a value of yaml": (
        "hcl",
        "yaml",
        "a: •\n",
        lambda text: pygohcl.loads("x = " + at("a")(text))["x"],
    ),
    "json in Terraform's JSON": ("json", "terraform_json", '{"a": •}\n', terraform_json),
    "yaml in user data": (
        "yaml",
        "hcl",
        "a = <<-EOT\n  #cloud-config\n  x:\n    •\n  y: 1\n  EOT\n",
        lambda text: yaml.safe_load(pygohcl.loads(text)["a"])["x"],
    ),
    "yaml in a fence": (
        "yaml",
        "markdown",
        "x\n\n```yaml\nx:\n  •\n```\n",
        lambda text: yaml.safe_load(text.split("```")[1][4:])["x"],
    ),
    "typescript": ("json", "typescript", "const a = •;\n", lambda text: json.loads(text[10:-2])),
    "a fence of JSON": (
        "json",
        "markdown",
        "x\n\n```json\n•\n```\n",
        lambda text: json.loads(text.split("\n")[3]),
    ),
}

LISTS: tuple[list[Any], ...] = (
    [],
    ["a"],
    ["yes", "1e3", "", "it's", "a: b #c"],
    ["x", ["y", ["z"]], []],
    [1, True, None, 2.5, "1"],
)
MAPS: tuple[dict[str, Any], ...] = (
    {},
    {"a": 1},
    {"for": "x", "b": 1},
    {"true": 1, "null": 2, "if": "3", "a-b": "4", "a.b/c": "5", "no": "6", "1": 7, "": 8},
    {"a": {"b": ["c", {"d": "e f"}]}, "g": [[{"h": 1}], {}]},
    {"${x}": "%{y}", 'q"': "\\"},
)


@rows("data", [*LISTS, *MAPS])
@rows("name", list(PARTS))
def test_a_list_or_map_is_read_back(name: str, data: Any) -> None:
    form, language, shape, read = PARTS[name]
    assert same_data(read(write(language, shape, Structure(data, form))), data)


def same_data(found: Any, data: Any) -> bool:
    """Return whether two lists or maps are the same; a whole number may come back as a float."""
    if isinstance(data, dict):
        return (
            isinstance(found, dict)
            and found.keys() == data.keys()
            and all(same_data(found[key], data[key]) for key in data)
        )
    if isinstance(data, list):
        return isinstance(found, list) and len(found) == len(data) and all(map(same_data, found, data))
    return same(found, data)


def data() -> st.SearchStrategy[Any]:
    """Return lists and maps of any scalars that JSON has."""
    scalars = st.one_of(texts(), texts(), st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none())
    return st.recursive(
        st.one_of(st.lists(scalars, max_size=3), st.dictionaries(texts(), scalars, max_size=3)),
        lambda inner: st.one_of(
            st.lists(st.one_of(inner, scalars), max_size=3),
            st.dictionaries(texts(), st.one_of(inner, scalars), max_size=3),
        ),
        max_leaves=6,
    )


def written(*arguments: Any) -> Iterator[str]:
    """Yield what `write` returns, or nothing where it refuses."""
    try:
        yield write(*arguments)
    except EncodeError as refused:
        assert str(refused)


@given(st.sampled_from(list(PARTS)), data())
@proves
def test_a_random_list_or_map_is_read_back(name: str, value: Any) -> None:
    form, language, shape, read = PARTS[name]
    for text in written(language, shape, Structure(value, form)):
        assert same_data(read(text), value), text


@given(st.sampled_from(list(TEXTS)), data())
@settings(proves, max_examples=proves.max_examples // 5)  # many of them run a shell
def test_a_random_list_or_map_is_one_text(name: str, value: Any) -> None:
    language, shape, read = TEXTS[name]
    for text in written(language, shape, Structure(value, "json")):
        assert same_data(json.loads(read(text)), value), text


def test_hardly_a_list_is_refused() -> None:
    """What is always refused would pass the tests above."""
    for language, shape, _ in TEXTS.values():
        assert list(written(language, shape, Structure(["a", {"b": 1}], "json"))), shape


# A list is refused, never written in a way that nobody can read.
REFUSED = (
    ("yaml", "a: •\n", {"b": 1}, "yaml", "on the next line"),
    ("yaml", "a: •\n", ["b"], "yaml", "| flow"),
    ("yaml", "a: [•]\n", ["b", "c"], "yaml", "| flow"),
    ("yaml", "a: |\n  b: •\n", ["c"], "yaml", "| flow"),
    ("kubernetes", f'{CONFIG}a.yaml: "x: •"\n', ["b"], "yaml", "| flow"),
    ("text", "tags: •\n", ["b"], "yaml", "| flow"),
    ("yaml", "a: >\n  x\n  •\n", ["b", "c"], "yaml", "literal block"),
    ("yaml", "a: '•'\n", ["b", "c"], "yaml", "use double quotes"),
    ("yaml", "a: 1 # •\n", ["b", "c"], "yaml", "one line"),
    ("shell", "cat <<'}'\nx = •\n}\n", {"a": 1}, "hcl", "another word"),
    ("shell", "cat <<-'- b'\n  •\n\t- b\n", ["a", "b"], "yaml", "another word"),
    ("shell", "cat <<EOF\na: •\nEOF\n", ["b", "c"], "yaml", "| flow"),
    ("shell", "cat <<'EOF'\na: •\nEOF\n", ["b", "c"], "yaml", "| flow"),
    ("markdown", "x `•`\n", ["`"], "json", "fenced block"),
    ("code", "x = •\n", ["$(id)"], "json", "argument"),
    ("json", '{"a": 1•}\n', ["b"], "json", "double quotes"),
    ("json", '{"a": ••}\n', ["b"], "json", "double quotes"),
    ("typescript", "const x• = 1;\n", ["b"], "json", "letters"),
    ("hcl", "a = 1•\n", ["b"], "hcl", "blank"),
    ("json", '{"a": •}\n', [2**60], "json", "quotes"),
    ("yaml", "a: x •\n", [float("inf")], "flow", "finite"),
)


@rows("language, shape, value, form, hint", REFUSED)
def test_what_cannot_be_written_is_refused(
    language: str, shape: str, value: Any, form: str, hint: str
) -> None:
    values = [Structure(value, form)] * shape.count(HOLE)
    with pytest.raises(EncodeError) as refused:
        write(language, shape, *values)
    assert hint in f"{refused.value}: {refused.value.hint}"


@rows("keyword", ["CMD", "ENTRYPOINT", "RUN", "SHELL", "VOLUME", "HEALTHCHECK CMD", "ONBUILD CMD"])
def test_a_list_is_the_words_of_an_instruction(keyword: str) -> None:
    text = write(
        "dockerfile",
        f"FROM x\n{keyword} •\n",
        Structure(["a", "b c", 'd"'][: 2 + ("CMD" in keyword)], "json"),
    )
    command = dockerfile.parse_string(text)[1]
    assert command.json or keyword.startswith(("HEALTHCHECK", "ONBUILD")), text
    assert '["a", "b c"' in text


def test_a_list_is_the_words_of_a_command_that_may_be_a_script() -> None:
    shape = "services:\n  a:\n    image: x\n    command: •\n"
    text = write("compose", shape, Structure(["sh", "-c", "echo $HOME"], "json"))
    assert pyyaml(text)[0]["services"]["a"]["command"] == ["sh", "-c", "echo $$HOME"]


def test_entries_join_those_around_them() -> None:
    text = write(
        "yaml",
        "a:\n  b: 1\n  •\n  •\nc:\n- x\n- •\n•\n",
        *(
            Structure({"d": [2]}, "yaml"),
            Structure({"e": 3}, "yaml"),
            Structure([4], "yaml"),
            Structure([{"f": 5, "g": 6}], "yaml"),
        ),
    )
    assert pyyaml(text)[0] == {"a": {"b": 1, "d": [2], "e": 3}, "c": ["x", [4], {"f": 5, "g": 6}]}


def test_entries_join_those_of_a_map_of_texts() -> None:
    labels = "kind: Pod\nmetadata:\n  labels:\n    app: x\n    •\nspec: {}\n"
    assert pyyaml(write("kubernetes", labels, Structure({"a": "1"}, "yaml")))[0]["metadata"] == {
        "labels": {"app": "x", "a": "1"}
    }
    env = f"{WORKFLOW}run: x\n      env:\n        A: 1\n        •\n"
    assert at(*STEP, "env")(write("github", env, Structure({"B": "2"}, "yaml"))) == {"A": 1, "B": "2"}


def test_a_key_of_hcl_that_is_a_word_of_the_language_gets_quotes() -> None:
    text = write("hcl", "a = •\n", Structure({"for": 1, "true": 2, "form": 3}, "hcl"))
    assert text == 'a = {\n  "for"  = 1\n  "true" = 2\n  form   = 3\n}\n'


@pytest.fixture
def render(tmp_path: Path) -> Callable[..., str]:
    """Render one template, and return the file or, where there are findings, these."""

    def run_it(values: str, template: str, name: str) -> str:
        project = Sandbox(tmp_path)
        project.write("environments/schema.json", '{"type": "object"}')
        project.write("environments/base.yaml", "{}\n")
        project.write("environments/e.yaml", values)
        project.write(f"templates/{name}.j2", template)
        result = project.oetgen("render", "e")
        return project.read(f"out/e/{name}") if result.status == 0 else result.out + result.err

    return run_it


def test_a_list_that_cannot_be_written_is_a_finding_at_its_line(render: Callable[..., str]) -> None:
    printed = render("tags: [a, b]\n", "a: 1\nb: {{ tags | yaml }}\nc: '{{ tags | yaml }}'\n", "a.yaml")
    assert "templates/a.yaml.j2:2:4: error[render/cannot-encode]" in printed
    assert "templates/a.yaml.j2:3:5: error[render/cannot-encode]" in printed
    assert "| flow" in printed


def test_a_list_of_lists_is_refused_where_a_list_of_something_else_is(render: Callable[..., str]) -> None:
    assert "found" in render("m: {a: 1}\n", "a: {{ [m.items] | json }}\n", "a.yaml")


def test_the_example_of_the_guide_is_what_it_says(render: Callable[..., str]) -> None:
    guide = (ROOT / "docs/guide.md").read_text("utf-8")
    lines = [
        "    replicas: {{ service.replicas }}",
        "    name: {{ project }}-{{ service.name }}",
        '    value: "{{ value }}"',
    ]
    assert "\n".join(lines) in guide
    template = "".join(line.strip() + "\n" for line in lines)
    values = "service: {replicas: 3, name: prod}\nproject: shop\nvalue: 'a \"b\"'\n"
    assert render(values, template, "a.yaml").endswith('replicas: 3\nname: shop-prod\nvalue: "a \\"b\\""\n')
