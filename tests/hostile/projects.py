"""One hostile project of each kind: what a stranger's pull request or archive could contain.

Each kind starts from the same small project, which lies in a folder of its own beside a secret. Programs of the
project leave a canary when they are run.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SECRET = "marble-9f31-canary"
VARIABLE = "OETGEN_CANARY"  # has the secret as its value, so that /proc/self/environ contains it

_FILES = {
    "environments/base.yaml": "greeting: hello\nservices: {api: {port: 8000}}\n",
    "environments/prod.yaml": "greeting: hi\n",
    "environments/test.yaml": "extends: prod\n",
    "environments/schema.json": (
        '{"type": "object", "properties": {"greeting": {"type": "string"}, "suffix": {"type": "string"}, '
        '"output": {}, '
        '"services": {"additionalProperties": {"required": ["port"], "properties": {"port": {"type": "integer"}}}}}, '
        '"required": ["greeting", "services"], "additionalProperties": false}'
    ),
    "templates/app.yaml.j2": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata:\n  greeting: {{ greeting }}\n"
        '  port: "{{ services.api.port }}"\n'
    ),
    "templates/run.sh.j2": "#!/bin/sh\necho {{ greeting }}\n",
    "templates/terraform/main.tf.j2": 'output "greeting" {\n  value = "{{ greeting }}"\n}\n',
    "templates/{service}/Dockerfile.j2": "FROM node:24-alpine\nEXPOSE {{ service.port }}\n",
    "templates/.github/workflows/ci.yml.j2": (
        "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo {{ greeting }}\n"
    ),
}


@dataclass(frozen=True)
class Ground:
    """Where a project lies: in `root`, a folder of `top`, beside a folder with a secret."""

    top: Path

    @property
    def root(self) -> Path:
        return self.top / "project"

    @property
    def secret(self) -> Path:
        return self.top / "elsewhere" / "secret.yaml"

    @property
    def canary(self) -> Path:
        return self.top / "elsewhere" / "a-program-ran"

    def build(self) -> None:
        """Write the small project, and what is beside it."""
        for path, text in _FILES.items():
            self.write(path, text)
        self.secret.parent.mkdir(parents=True)
        self.secret.write_text(f"greeting: {SECRET}\n", "utf-8")

    def write(self, path: str, text: str) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
        return place

    def program(self, path: str, then: str = "exit 1") -> Path:
        """Write a program that leaves the canary."""
        place = self.write(path, f"#!/bin/sh\n{self.act}\n{then}\n")
        place.chmod(0o755)
        return place

    @property
    def act(self) -> str:
        """A command of a shell that leaves the canary."""
        return f"/bin/echo ran >> {self.canary}"

    def link(self, path: str, target: str | Path) -> None:
        """Put a link at `path`, in place of what is there."""
        self.remove(path).symlink_to(target)

    def pipe(self, path: str) -> None:
        """Put a pipe at `path`, in place of what is there."""
        os.mkfifo(self.remove(path))

    def remove(self, path: str) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
        return place

    def git(self, *arguments: str) -> str:
        own = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
        command = ["git", "-C", str(self.root), *own, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def tree(self, *entries: str) -> str:
        """Write a tree to the repository, and return its name."""
        command = ["git", "-C", str(self.root), "mktree"]
        given = "".join(entries)
        return subprocess.run(command, check=True, capture_output=True, text=True, input=given).stdout.strip()

    def commit(self) -> None:
        self.git("init", "-q")
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "-m", "x")


@dataclass(frozen=True)
class Kind:
    """A kind of hostile project: how it is built, and how commands end.

    `finding` is in what `render` prints, which then ends with `status`. `commands` are others to run than the usual
    ones; with `tools`, `check` runs the outside tools. `rendered` builds it after a first render.
    """

    build: Callable[[Ground], None]
    finding: str = ""
    status: int = 0
    rendered: bool = False
    tools: bool = False
    commands: tuple[tuple[str, ...], ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)  # `{root}` and `{top}` in them are replaced


def _all_programs(ground: Ground, folder: str) -> None:
    for name in (
        "git",
        "kubectl",
        "terraform",
        "node",
        "hadolint",
        "shellcheck",
        "zizmor",
        "dot",
        "sh",
        "python3",
    ):
        ground.program(f"{folder}/{name}")


def _linked_programs(ground: Ground) -> None:
    _all_programs(ground, "bin")
    outside = ground.top / "bin"
    outside.mkdir()
    for program in (ground.root / "bin").iterdir():
        (outside / program.name).symlink_to(program)
    (ground.top / "link").symlink_to(ground.root / "bin")


def _node_modules(ground: Ground) -> None:
    package = "node_modules/@actions/workflow-parser"
    ground.write(f"{package}/package.json", '{"version": "0.3.61", "type": "module"}')
    ground.write(
        f"{package}/dist/index.js",
        f'import {{ writeFileSync }} from "node:fs"\nwriteFileSync("{ground.canary}", "ran")\n',
    )


def _providers(ground: Ground) -> None:
    folder = "out/prod/terraform"
    place = ".terraform/providers/registry.terraform.io/evil/evil/1.0.0/linux_amd64/terraform-provider-evil_v1.0.0"
    ground.program(f"{folder}/{place}")
    lock = 'provider "registry.terraform.io/evil/evil" {\n  version = "1.0.0"\n}\n'
    ground.write(f"{folder}/.terraform.lock.hcl", lock)
    ground.write(f"{folder}/.terraform/terraform.tfstate", "{}")


def _settings(ground: Ground) -> None:
    """Settings of tools that name programs or modules, in the project and in its output."""
    program = ground.program("evil")
    files = {
        ".tflint.hcl": f'plugin "x" {{\n  enabled = true\n  source = "{program}"\n}}\n',
        ".checkov.yaml": "external-checks-dir: [checks]\n",
        ".hadolint.yaml": "failure-threshold: ignore\n",
        ".shellcheckrc": f"external-sources=true\nsource-path={ground.secret.parent}\n",
        "zizmor.yml": "rules: {}\n",
        ".yamllint": "locale: x\n",
        ".npmrc": f"node-options=--require {program}\n",
        ".node_repl_history": "",
        ".terraformrc": f'plugin_cache_dir = "{ground.root}"\n',
    }
    for name, text in files.items():
        ground.write(name, text)
        ground.write(f"templates/{name}.j2", text)
    module = f"open({str(ground.canary)!r}, 'w').write('ran')\n"
    for name in (
        "sitecustomize",
        "usercustomize",
        "yaml",
        "jinja2",
        "click",
        "json",
        "re",
        "marshal",
        "generator",
    ):
        ground.write(f"{name}.py", module)
    ground.write("checks/__init__.py", module)
    ground.write(
        "templates/run.sh.j2", f"#!/bin/sh\n# shellcheck source={ground.secret}\n. {ground.secret}\n"
    )


def _kustomization(text: str) -> Callable[[Ground], None]:
    def build(ground: Ground) -> None:
        head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        ground.write(
            "templates/kustomization.yaml.j2", head + text.replace("SECRET", str(ground.secret.parent))
        )
        (ground.secret.parent / "kustomization.yaml").write_text("resources: [secret.yaml]\n")

    return build


_ACTING = """
[core]
	fsmonitor = "{act}; true"
	hooksPath = {root}/hooks
	sshCommand = {act}
	gitProxy = {act}
	pager = {act}
	askPass = {root}/evil
	editor = {act}
	alternateRefsCommand = {act}
	attributesFile = {root}/attributes
[alias]
	rev-parse = !{act}
	ls-tree = !{act}
	cat-file = !{act}
[pager]
	rev-parse = {act}
	ls-tree = {act}
	cat-file = {act}
[credential]
	helper = "!{act}"
[filter "evil"]
	clean = {act}
	smudge = {act}
	process = {act}
	required = true
[diff]
	external = {act}
[diff "evil"]
	textconv = {act}
	command = {act}
[gpg]
	program = {root}/evil
[trace2]
	eventTarget = {root}/trace
"""
_PROMISOR = """
[core]
	repositoryformatversion = 1
[extensions]
	partialClone = evil
[remote "evil"]
	url = {url}
	uploadpack = {act}
	promisor = true
	partialclonefilter = blob:none
[protocol]
	allow = always
[protocol "ext"]
	allow = always
"""


def _configured(text: str, *, lose: bool = False, url: str = "") -> Callable[[Ground], None]:
    """Return what commits the project and adds settings to its repository; `lose` removes an object."""

    def build(ground: Ground) -> None:
        ground.program("evil")
        ground.program("hooks/post-index-change")
        ground.write("attributes", "* filter=evil diff=evil\n")
        ground.write(".gitattributes", "* filter=evil diff=evil\n")
        ground.commit()
        with (ground.root / ".git/config").open("a") as config:
            config.write(text.format(act=ground.act, root=ground.root, url=url.format(root=ground.root)))
        if lose:
            name = ground.git("rev-parse", "HEAD:out/prod/app.yaml")
            (ground.root / ".git/objects" / name[:2] / name[2:]).unlink()

    return build


def _bare(ground: Ground) -> None:
    """Let the project itself look like a bare repository, as one that a pull request can contain."""
    ground.commit()
    (ground.root / ".git").rename(ground.root / "x.git")
    for path in list((ground.root / "x.git").iterdir()):
        path.rename(ground.root / path.name)
    settings = (_ACTING + _PROMISOR).format(act=ground.act, root=ground.root, url=f"ext::{ground.root}/evil")
    with (ground.root / "config").open("a") as config:
        config.write(settings)


def _leaving_tree(ground: Ground) -> None:
    """Commit a tree with entries that git itself would never check out."""
    ground.commit()
    blob = ground.git("rev-parse", "HEAD:environments/prod.yaml")
    tree = ground.tree(f"100644 blob {blob}\tx.yaml\n", f"100644 blob {blob}\tprod.yaml\n")
    for _ in range(8):
        tree = ground.tree(f"040000 tree {tree}\t..\n", f"100644 blob {blob}\tprod.yaml\n")
    old = ground.git("ls-tree", "HEAD").replace(ground.git("rev-parse", "HEAD:environments"), tree)
    commit = ground.git("commit-tree", "-m", "x", ground.tree(f"{old}\n"))
    ground.git("update-ref", "refs/heads/main", commit)


def _pipe_in_git(name: str) -> Callable[[Ground], None]:
    def build(ground: Ground) -> None:
        ground.commit()
        ground.pipe(f".git/{name}")

    return build


def _included_pipe(ground: Ground) -> None:
    ground.commit()
    ground.pipe("pipe")
    ground.git("config", "include.path", str(ground.root / "pipe"))


def _huge(path: str) -> Callable[[Ground], None]:
    """Return what puts a file of many gigabytes at `path`, which takes no room on the disk."""

    def build(ground: Ground) -> None:
        with ground.write(path, "").open("wb") as file:
            file.truncate(50_000_000_000)

    return build


def _alternates(ground: Ground) -> None:
    """Let the objects of the repository be elsewhere: in a pipe."""
    ground.commit()
    ground.pipe(".git/objects/info/alternates")


def _linked(path: str, target: str) -> Callable[[Ground], None]:
    """Return what puts a link at `path`; `SECRET` stands for the file with the secret, `FOLDER` for its folder."""

    def build(ground: Ground) -> None:
        known = {"SECRET": ground.secret, "FOLDER": ground.secret.parent}
        ground.link(path, known.get(target, target))

    return build


def _named_link(ground: Ground) -> None:
    ground.link("linked", ground.secret.parent)
    ground.write("oetgen.yaml", "folders: {templates: linked}\n")


def _piped(path: str) -> Callable[[Ground], None]:
    return lambda ground: ground.pipe(path)


def _moved(path: str) -> Callable[[Ground], None]:
    """Return what moves `path` out of the project, and puts a link to it there."""

    def build(ground: Ground) -> None:
        target = ground.top / "moved"
        (ground.root / path).rename(target)
        (ground.root / path).symlink_to(target)

    return build


def _named(path: str | bytes, text: str = "{}\n") -> Callable[[Ground], None]:
    def build(ground: Ground) -> None:
        place = os.path.join(os.fsencode(ground.root), os.fsencode(path))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)

    return build


def _valued(text: str, template: str = "") -> Callable[[Ground], None]:
    def build(ground: Ground) -> None:
        ground.write("environments/prod.yaml", text)
        if template:
            ground.write(f"templates/{template}", "x: {{ greeting }}\n")

    return build


def _foreign_manifest(ground: Ground) -> None:
    """Let manifest and journal name files elsewhere, which would be deleted."""
    hash_of_secret = "0" * 64
    lines = [f"{hash_of_secret}  ../../../elsewhere/secret.yaml\n", f"{hash_of_secret}  {ground.secret}\n"]
    ground.write("out/prod/.oetgen", "".join(lines))
    ground.write("out/prod/.oetgen-journal", f"../../../elsewhere/secret.yaml\n{ground.secret}\n")


def _rendered(path: str, text: str) -> Callable[[Ground], None]:
    """Return what puts a template at `path` that renders `text`."""

    def build(ground: Ground) -> None:
        ground.write(f"templates/{path}.j2", f"{{% raw %}}{text}{{% endraw %}}")

    return build


_ALIASES = "a: &a [x, x]\n" + "".join(f"b{i}: &a [*a, *a, *a, *a]\n" for i in range(30))
_DEEP = f"locals {{\n  x = {'(' * 3000}1{')' * 3000}\n}}\n"
_DOUBLING = "".join(f'  a{i} = "${{local.a{i - 1}}}${{local.a{i - 1}}}"\n' for i in range(1, 60))
UNREADABLE = "error[project/unreadable]"
NAME = "error[project/environment-name]"
PATH = "error[writer/unsafe-path]"
BLOCKED = "error[writer/in-the-way]"
_PLAN = (("plan", "prod"), ("plan", "prod", "--against", "HEAD"), ("report", "-o", "../report.html"))
_TOOLS = (("check",),)
_EXAMINE = (("check", "--no-tools"), ("graph", "prod"), ("plan", "prod"), ("diff", "prod", "test"))

KINDS: Mapping[str, Kind] = {
    # What comes with a project is run.
    "node-modules": Kind(_node_modules, tools=True, commands=_TOOLS),
    "terraform-providers": Kind(_providers, rendered=True, tools=True, commands=_TOOLS),
    "settings-of-tools": Kind(_settings, tools=True, commands=_TOOLS),
    "path-inside": Kind(
        lambda ground: _all_programs(ground, "bin"),
        tools=True,
        commands=(*_TOOLS, *_PLAN),
        variables={"PATH": "{root}/bin"},
    ),
    "path-relative": Kind(
        lambda ground: _all_programs(ground, "."),
        tools=True,
        commands=(*_TOOLS, *_PLAN),
        variables={"PATH": ".:bin::../project"},
    ),
    "path-linked": Kind(
        _linked_programs, tools=True, commands=(*_TOOLS, *_PLAN), variables={"PATH": "{top}/bin:{top}/link"}
    ),
    "kustomize-git": Kind(
        _kustomization("resources: ['git::https://example.invalid/x', 'https://example.invalid/y.yaml']\n"),
        tools=True,
        commands=_TOOLS,
    ),
    "kustomize-outside": Kind(_kustomization("resources: [SECRET]\n"), tools=True, commands=_TOOLS),
    "kustomize-above": Kind(_kustomization("components: [../../../..]\n"), tools=True, commands=_TOOLS),
    "git-programs": Kind(_configured(_ACTING), rendered=True, commands=_PLAN),
    "git-promisor-ext": Kind(
        _configured(_ACTING + _PROMISOR, lose=True, url="ext::{root}/evil"), rendered=True, commands=_PLAN
    ),
    "git-promisor-file": Kind(
        _configured(_PROMISOR, lose=True, url="file:///nowhere"), rendered=True, commands=_PLAN
    ),
    "git-promisor-ssh": Kind(
        _configured(_ACTING + _PROMISOR, lose=True, url="ssh://example.invalid/x"),
        rendered=True,
        commands=_PLAN,
    ),
    "git-bare": Kind(_bare, rendered=True, commands=_PLAN),
    "git-tree-leaves": Kind(_leaving_tree, rendered=True, commands=_PLAN),
    "git-head-is-a-pipe": Kind(_pipe_in_git("HEAD"), rendered=True, commands=(_PLAN[0],)),
    "git-includes-a-pipe": Kind(_included_pipe, rendered=True, commands=(_PLAN[0],)),
    "git-alternates-are-a-pipe": Kind(_alternates, rendered=True, commands=(_PLAN[0],)),
    "git-is-a-link": Kind(_linked(".git", "FOLDER"), commands=_PLAN),
    # What comes with a project is read.
    "template-is-a-link": Kind(_linked("templates/x.yaml.j2", "SECRET"), UNREADABLE, 1),
    "template-is-environ": Kind(_linked("templates/x.yaml.j2", "/proc/self/environ"), UNREADABLE, 1),
    "template-is-endless": Kind(_linked("templates/app.yaml.j2", "/dev/zero"), UNREADABLE, 1, rendered=True),
    "template-is-a-pipe": Kind(_piped("templates/app.yaml.j2"), UNREADABLE, 1, rendered=True),
    "template-links-inside": Kind(_linked("templates/x.yaml.j2", "app.yaml.j2"), UNREADABLE, 1),
    "template-dangles": Kind(_linked("templates/x.yaml.j2", "nothing"), UNREADABLE, 1),
    "template-links-to-itself": Kind(_linked("templates/x.yaml.j2", "x.yaml.j2"), UNREADABLE, 1),
    "verbatim-is-a-link": Kind(_linked("templates/secret.yaml", "SECRET"), UNREADABLE, 1),
    "verbatim-is-a-pipe": Kind(_piped("templates/pipe"), UNREADABLE, 1),
    "folder-of-templates-is-a-link": Kind(_linked("templates/more", "FOLDER"), UNREADABLE, 1),
    "templates-is-a-link": Kind(_moved("templates"), UNREADABLE, 1),
    "values-are-a-link": Kind(_linked("environments/prod.yaml", "SECRET"), UNREADABLE, 1),
    "values-are-environ": Kind(_linked("environments/prod.yaml", "/proc/self/environ"), UNREADABLE, 1),
    "values-are-endless": Kind(_linked("environments/prod.yaml", "/dev/zero"), UNREADABLE, 1, rendered=True),
    "values-are-a-pipe": Kind(_piped("environments/prod.yaml"), UNREADABLE, 1, rendered=True),
    "base-is-a-link": Kind(_linked("environments/base.yaml", "SECRET"), UNREADABLE, 1),
    "schema-is-a-link": Kind(_linked("environments/schema.json", "SECRET"), UNREADABLE, 1),
    "schema-is-a-pipe": Kind(_piped("environments/schema.json"), UNREADABLE, 1),
    "settings-are-a-link": Kind(_linked("oetgen.yaml", "SECRET"), UNREADABLE, 1),
    "settings-are-environ": Kind(_linked("oetgen.yaml", "/proc/self/environ"), UNREADABLE, 1),
    "settings-are-a-pipe": Kind(_piped("oetgen.yaml"), UNREADABLE, 1, rendered=True),
    "settings-name-a-link": Kind(_named_link, UNREADABLE, 1),
    "settings-leave": Kind(
        _named("oetgen.yaml", "folders: {templates: ../elsewhere}\n"), "error[schema/not-allowed]", 1
    ),
    "environments-is-a-link": Kind(_moved("environments"), UNREADABLE, 1),
    "out-is-a-link": Kind(_moved("out"), BLOCKED, 1, rendered=True),
    "out-of-an-environment-is-a-link": Kind(_moved("out/prod"), BLOCKED, 1, rendered=True),
    "folder-in-out-is-a-link": Kind(_moved("out/prod/terraform"), BLOCKED, 1, rendered=True),
    "file-in-out-is-a-link": Kind(_linked("out/prod/app.yaml", "SECRET"), BLOCKED, 1, rendered=True),
    "file-in-out-is-endless": Kind(_linked("out/prod/app.yaml", "/dev/zero"), BLOCKED, 1, rendered=True),
    "file-in-out-is-a-pipe": Kind(_piped("out/prod/app.yaml"), BLOCKED, 1, rendered=True),
    "manifest-is-a-link": Kind(
        _linked("out/prod/.oetgen", "SECRET"), "is not a regular file", 2, rendered=True
    ),
    "manifest-is-a-pipe": Kind(_piped("out/prod/.oetgen"), "is not a regular file", 2, rendered=True),
    "journal-is-a-pipe": Kind(_piped("out/prod/.oetgen-journal"), rendered=True),
    "manifest-names-others": Kind(_foreign_manifest, "warning[writer/unsafe-line]", 0),
    "copies-are-links": Kind(_linked(".github", "FOLDER")),
    "template-is-huge": Kind(_huge("templates/app.yaml.j2"), "error[project/too-large]", 1, rendered=True),
    "values-are-huge": Kind(_huge("environments/prod.yaml"), "error[project/too-large]", 1, rendered=True),
    "file-in-out-is-huge": Kind(_huge("out/prod/app.yaml"), "error[writer/unreadable]", 1, rendered=True),
    "manifest-is-huge": Kind(_huge("out/prod/.oetgen"), "cannot read", 2, rendered=True),
    "folders-are-deep": Kind(_named(f"templates/{'a/' * 60}x.md.j2", "x\n"), "cannot list", 2),
    # Names that become paths.
    "environment-is-the-folder-above": Kind(_named("environments/...yaml"), NAME, 1),
    "environment-is-the-folder": Kind(_named("environments/..yaml"), NAME, 1),
    "environment-is-an-option": Kind(_named("environments/--overwrite.yaml"), NAME, 1),
    "environment-has-a-line-break": Kind(_named("environments/a\nb.yaml"), NAME, 1),
    "environment-has-an-escape": Kind(_named("environments/a\x1b[2J.yaml"), NAME, 1),
    "environment-has-a-backslash": Kind(_named("environments/..\\b.yaml"), NAME, 1),
    "environment-is-a-device": Kind(_named("environments/Nul.x.yaml"), NAME, 1),
    "environment-is-long": Kind(_named(f"environments/{'a' * 200}.yaml"), NAME, 1),
    "environment-is-not-utf8": Kind(_named(b"environments/a\xff.yaml"), NAME, 1),
    "environment-differs-in-case": Kind(_named("environments/Prod.yaml"), NAME, 1),
    "environment-has-no-name": Kind(_named("environments/.yaml"), NAME, 1),
    "template-into-git": Kind(_named("templates/.git/hooks/post-checkout.j2", "#!/bin/sh\n"), PATH, 1),
    "template-into-git-of-windows": Kind(_named("templates/x/.GIT. /config.j2", "#!/bin/sh\n"), PATH, 1),
    "template-of-oetgen": Kind(_named("templates/.oetgen.j2", "x\n"), PATH, 1),
    "template-has-a-backslash": Kind(_named("templates/..\\x.sh.j2", "#!/bin/sh\n"), PATH, 1),
    "template-has-a-line-break": Kind(_named("templates/a\nb.sh.j2", "#!/bin/sh\n"), PATH, 1),
    "template-is-not-utf8": Kind(_named(b"templates/a\xff.yaml.j2"), "error[project/not-utf8]", 1),
    "service-leaves": Kind(_valued("services: {../../x: {port: 1}}\n"), "error[", 1),
    "service-is-git": Kind(_valued("services: {.git: {port: 1}}\n"), "error[", 1),
    "suffix-leaves": Kind(_valued("suffix: /../../x\n", "a{suffix}.yaml.j2"), "error[", 1),
    "output-leaves": Kind(_valued("output: ../..\n"), ""),
    # What is rendered takes long to examine.
    "output-is-json-in-json": Kind(_rendered("x.json", "[" * 9000 + "]" * 9000 + "\n"), commands=_EXAMINE),
    "output-is-deep": Kind(_rendered("terraform/x.tf", _DEEP), commands=_EXAMINE),
    "output-doubles": Kind(
        _rendered("terraform/x.tf", f'locals {{\n  a0 = "xx"\n{_DOUBLING}}}\n'), commands=_EXAMINE
    ),
    "output-has-aliases": Kind(_rendered("k8s/x.yaml", _ALIASES), commands=_EXAMINE),
}


def unusual(path: Path) -> bool:
    """Return whether something else than a file, a folder or a link is at `path`."""
    mode = path.lstat().st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))
