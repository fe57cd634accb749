"""Texts that hold another language: one table for all languages whose texts do.

A row names a place by the keys that lead to it and gives what stands there: the name of a language, or a function
that determines it from the text around the place. `*` is any key, `#` any item of a list, and `**` any way to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from generator.languages import LANGUAGES, commands, environment, language_of
from generator.languages.site import MARK, ShapeError, Site

Path = tuple[Any, ...]
"""The keys (texts) and indexes (numbers) that lead to a place of a document."""
Texts = dict[Path, str]
"""The scalars of a document by path, as their consumer sees them."""
Finder = Callable[[str], list[Site]]
"""Returns the sites in a text of an embedded language."""

_DATA = frozenset(
    "dotenv html ini json jsonc kubernetes lines nginx properties systemd text toml xml yaml".split()
)


@dataclass
class Embedded:
    """The embedded languages of one document; what the words of a command are is found once for each command.

    `visible` returns the text at a path as the embedded language gets it, after the host has expanded its own.
    """

    host: str
    texts: Texts
    visible: Callable[[str, Path], str] = lambda text, path: text
    _commands: dict[Path, commands.Programs] = field(default_factory=dict)
    _below: dict[Path, list[tuple[Path, str]]] = field(default_factory=dict)

    def finder(self, path: Path) -> Finder | None:
        """Return what finds the sites in the text at `path`, or None when the text is the host's own."""
        found = self.language(path)
        return LANGUAGES[found].sites if isinstance(found, str) else found

    def language(self, path: Path) -> str | Finder | None:
        """Return the language of the text at `path`, or what finds the sites in it; None for the host's own."""
        for inner in _rows(self.host, path):
            found = inner if isinstance(inner, str) else inner(self, path)
            if found in _DATA and self.text(*path).strip() == MARK:
                return None  # the value is all of the file
            if found:
                return found
        return None

    def text(self, *path: Any) -> str:
        """Return the scalar at `path`, or "" when there is none."""
        return self.texts.get(path, "")

    def below(self, *path: Any) -> list[tuple[Path, str]]:
        """Return the scalar at `path` and those below it, each with the rest of its path."""
        if path not in self._below:
            length = len(path)
            self._below[path] = [
                (key[length:], text) for key, text in self.texts.items() if key[:length] == path
            ]
        return self._below[path]

    def words(self, path: Path) -> list[str]:
        """Return the visible texts of the list at `path`, up to the first item that is not a scalar."""
        words: list[str] = []
        while (item := (*path, len(words))) in self.texts:
            words.append(self.visible(self.texts[item], item))
        return words

    def program(self, path: Path, before: str = "") -> Finder | None:
        """Return what finds the sites in an item of a command, whose first words the list `before` may hold."""
        command, index = path[:-1], path[-1]
        if command not in self._commands:
            first = self.words((*command[:-1], before)) if before else []
            programs = commands.programs([*first, *self.words(command)])
            self._commands[command] = {at - len(first): program for at, program in programs.items()}
        return self._commands[command].get(index)


Inner = str | Callable[[Embedded, Path], "str | Finder | None"]

# Names of files whose text is looked at as such, when they are keys of a map.
_FILE_NAME = re.compile(
    r"Corefile|Caddyfile|[\w-][\w.-]*\.(?:cfg|cnf|conf|config|env|hcl|ini|properties|rules|template|toml|tpl|txt|xml)"
)


@lru_cache(maxsize=1024)
def _parts(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.split("/"))


@lru_cache(maxsize=4096)  # the paths of a file stay while it is edited: 0.94 of a keystroke in a template
def _rows(host: str, path: Path) -> tuple[Inner, ...]:
    """Return what the table has for a place."""
    return tuple([inner for pattern, inner in TABLE[host] if _matches(pattern, path)])


def _matches(pattern: str, path: Path) -> bool:
    parts = _parts(pattern)
    if parts[0] == "**":
        parts = parts[1:]
        path = path[len(path) - len(parts) :]
    return len(parts) == len(path) and all(
        isinstance(key, int) if part == "#" else part == "*" or part == key
        for part, key in zip(parts, path, strict=True)
    )


def of_file(path: str, text: str) -> str | None:
    """Return the language of a file that a map holds under its name, or None when the key is not a file name."""
    name = path.rpartition("/")[2]
    language = language_of(path.lstrip("/"), text)
    return language if language != "text" or _FILE_NAME.fullmatch(name) else None


def of_interpreter(name: str) -> str:
    """Return the language of what an interpreter runs."""
    return "shell" if commands.is_shell(name) else "code"


def _by_key(document: Embedded, path: Path) -> str | None:
    key, text = str(path[-1]), document.text(*path)
    return (of_file(key, text) if "." in key or key.endswith("file") else None) or by_content(text)


_JSON_KEY = re.compile(
    r"json|last-applied-configuration|alb\.ingress\.kubernetes\.io/(?:actions|conditions)\.", re.I
)


def _annotation(document: Embedded, path: Path) -> str | None:
    key, text = str(path[-1]), document.text(*path)
    if _JSON_KEY.search(key) or _JSON.match(text):
        return "json"
    return "text" if key.endswith("-snippet") else by_content(text)


def _step_run(document: Embedded, path: Path) -> str:
    job = path[:2]
    named = (
        document.text(*where)
        for where in ((*path[:-1], "shell"), (*job, "defaults", "run", "shell"), ("defaults", "run", "shell"))
    )
    labels = [text for key, text in document.below(*job, "runs-on") if key[:1] != ("group",)]
    machines = [text for _, text in document.below(*job, "strategy", "matrix")]
    return of_interpreter(step_shell(next(filter(None, named), ""), labels, machines))


def step_shell(named: str, labels: Iterable[str], machines: Collection[str]) -> str:
    """Return the shell of a `run:` of GitHub: the one that is named, or the default of the machine, "" if unknown.

    Bash is the default but on Windows. `machines` are the texts of the job's matrix.
    Source: docs.github.com, "Workflow syntax", jobs.<job_id>.steps[*].shell.
    """
    if named:
        return named.split(" ")[0]
    chosen = [label for label in labels if "${{" in label]
    candidates = [*labels, *(machines if chosen else ())]
    if any("windows" in each.lower() for each in candidates):
        return "pwsh"
    by_matrix = all("matrix." in label for label in chosen)
    unknown = not (machines and by_matrix) or any("${{" in each or MARK in each for each in machines)
    return "" if chosen and unknown else "bash"


# Actions that hand one of their inputs to bash or sh.
_SHELL_ACTIONS = ("azure/cli", "appleboy/ssh-action", "nick-fields/retry", "nick-invision/retry")


def _action_input(document: Embedded, path: Path) -> str:
    action = document.text(*path[:-2], "uses").partition("@")[0].lower()
    return "shell" if action in _SHELL_ACTIONS else "code"


def _argv(document: Embedded, path: Path) -> Finder | None:
    return document.program(path)


def _kubernetes_args(document: Embedded, path: Path) -> Finder | None:
    return document.program(path, before="command")


def _pipeline_script(document: Embedded, path: Path) -> str:
    machines = (text for where, text in document.texts.items() if where[-1:] == ("vmImage",))
    return "code" if any("windows" in machine.lower() or MARK in machine for machine in machines) else "shell"


def _argo_source(document: Embedded, path: Path) -> str | None:
    command = document.words((*path[:-1], "command"))
    return of_interpreter(command[0]) if command else None


def _compose_command(document: Embedded, path: Path) -> Finder | None:
    return document.program(path, before="entrypoint")


def _healthcheck(document: Embedded, path: Path) -> str | Finder | None:
    if document.text(*path[:-1], 0) == "CMD-SHELL":
        return "shell" if path[-1] == 1 else None
    return document.program(path)


def _cloudbuild_args(document: Embedded, path: Path) -> str | Finder | None:
    entrypoint = document.text(*path[:-2], "entrypoint")
    words = document.words(path[:-1])
    programs = commands.programs([entrypoint or document.text(*path[:-2], "name"), *words])
    return programs.get(path[-1] + 1)


def _by_first_line(document: Embedded, path: Path) -> str:
    text = document.text(*path)
    return language_of("script", text) if text.startswith("#!") else "shell"


def _gitlab_shell(document: Embedded, path: Path) -> str:
    """Return the language of a script: a runner of Windows, which its tags name, has PowerShell."""
    places = [(path[0], "tags"), ("default", "tags")]
    tags = next(filter(None, map(document.words, places)), [])
    return "code" if any("windows" in tag.lower() for tag in tags) else "shell"


def _circleci_shell(document: Embedded, path: Path) -> str:
    job = path[:2]
    own = document.text(*path[:-1], "shell") or document.text(*job, "shell")
    if own:
        return of_interpreter(own.split(" ")[0])
    machine = [*job, "executor"], [*job, "executor", "name"], [*job, "resource_class"]
    is_windows = any(re.match(r"win(?:dows)?\b", document.text(*where)) for where in machine)
    return "code" if is_windows else "shell"


def _written_file(document: Embedded, path: Path) -> str | None:
    name = document.text(*path[:-1], "path")
    encoding = document.text(*path[:-1], "encoding")
    return None if encoding else language_of(name.lstrip("/"), document.text(*path))


def _local_exec(document: Embedded, path: Path) -> str | Finder | None:
    interpreter = document.words((*path[:-1], "interpreter"))
    if not interpreter:
        return "shell"
    programs = commands.programs([*interpreter, document.text(*path)])
    return programs.get(len(interpreter), LANGUAGES["code"].sites)


_JSON = re.compile(r'\s*(?:\{\s*["}]|\[\s*(?:["{\[]|[^\]]*\n))')
_YAML = re.compile(r"(?:#[^\n]*\n|---[^\n]*\n|\s)*(?:- \S|[\w./\"'-]+:(?:\s|\Z))")
_STARTUP = re.compile(r"user_?data|custom_data|startup[-_]script|bootstrap|install_script|script")
_OF_WINDOWS = ("<powershell>", "<script>", "Content-Type:", "MIME-Version:")


def by_content(text: str) -> str | None:
    """Return the language of a text of many lines that has no name, or None when that shows none."""
    stripped = text.lstrip()
    if stripped.startswith(("#!", "#cloud-config")):
        return language_of("script", stripped)
    if _JSON.match(text):
        return "json"
    if "\n" in text.strip() and LANGUAGES["nginx"].recognise("text.conf", text):
        return "nginx"
    if "\n" in text.strip() and _YAML.match(text):
        language = language_of("text.yaml", text)
        try:
            LANGUAGES[language].sites(text)
        except ShapeError:
            return None
        return language
    return None


def _of_terraform(document: Embedded, path: Path) -> str | None:
    """Return the language of a text of Terraform: by the file it goes to, its first lines, or its argument."""
    text, name = document.text(*path), str(path[-1])
    if text.lstrip().startswith(_OF_WINDOWS):
        return "code"
    file = document.text(*path[:-1], "filename") or document.text(*path[:-1], "destination")
    if name == "content" and file:
        return of_file(file, text)
    return by_content(text) or ("shell" if "\n" in text and _STARTUP.search(name) else None)


def _github_script(document: Embedded, path: Path) -> str:
    action = document.text(*path[:-2], "uses").partition("@")[0].lower()
    return "typescript" if action == "actions/github-script" else _action_input(document, path)


def _in_block(document: Embedded, path: Path) -> str | None:
    """Return the language of a block in YAML of no known kind: a file by its key, a script, JSON, or nginx."""
    key, text = str(path[-1]), document.text(*path)
    if "\n" not in text:
        return None
    named = of_file(key, text) if "." in key or key.endswith("file") else None
    found = named or by_content(text)
    return None if named is None and found in ("kubernetes", "text", "yaml") else found


def _patch(document: Embedded, path: Path) -> str | None:
    text = document.text(*path)
    return language_of("patch.yaml", text) if "\n" in text or text.lstrip()[:1] in ("[", "{") else None


def _kustomize(document: Embedded, path: Path) -> Finder | None:
    from generator.languages.kubernetes.sites import literals

    return literals if document.text("kind") in ("Kustomization", "Component") else None


def _promql(document: Embedded, path: Path) -> Finder | None:
    """Return what finds the sites in an expression of a rule, of a file or an object of Prometheus."""
    from generator.languages.prometheus.sites import promql

    return promql if document.host == "prometheus" or document.text("kind") == "PrometheusRule" else None


def _alert_text(document: Embedded, path: Path) -> Finder | None:
    from generator.languages.prometheus.sites import texts

    return texts if document.text("kind") == "PrometheusRule" else None


def _compose_config(document: Embedded, path: Path) -> str | None:
    """Return the language of a file that a service gets; it has the name of the place where it is mounted."""
    text = document.text(*path)
    for where, name in document.texts.items():
        if where[-1:] == ("source",) and name == path[1]:
            target = document.text(*where[:-1], "target")
            return of_file(target, text) or by_content(text)
    return by_content(text) or "text"


def _json_command(document: Embedded, path: Path) -> Finder | None:
    """Return what finds the sites in a command in JSON; of a list of arguments, after a command that is beside it."""
    first: list[str] = []
    if path[-2] == "args":
        beside = (*path[:-2], "command")
        first = document.words(beside) or [document.text(*beside)]
    words = [*first, *document.words(path[:-1])]
    if not words or words[0].startswith("-"):
        return None
    return commands.programs(words).get(path[-1] + len(first))


def _variable(document: Embedded, path: Path) -> Finder | None:
    """Return what finds the sites in a variable that is a key."""
    return environment.finder(str(path[-1]))


def _variable_above(document: Embedded, path: Path) -> Finder | None:
    return environment.finder(str(path[-2]))


def _named_variable(document: Embedded, path: Path) -> Finder | None:
    """Return what finds the sites in the value of a variable whose name is beside it."""
    return environment.finder(document.text(*path[:-1], "name"))


def _assignment(document: Embedded, path: Path) -> Finder | None:
    """Return what finds the sites in `NAME=text`."""
    return environment.finder(*environment.assigned(document.text(*path)))


_MAP_OF_VARIABLES = (("**/env/*", _variable), ("**/environment/*", _variable), ("**/variables/*", _variable))
_LIST_OF_VARIABLES = (("**/env/#/value", _named_variable), ("**/environment/#/value", _named_variable))

TABLE: Mapping[str, tuple[tuple[str, Inner], ...]] = {
    "yaml": (*_MAP_OF_VARIABLES, *_LIST_OF_VARIABLES, ("**/*", _in_block)),
    "json": (
        *_LIST_OF_VARIABLES,
        ("**/containerEnv/*", _variable),
        ("**/remoteEnv/*", _variable),
        ("**/command/#", _json_command),
        ("**/Command/#", _json_command),
        ("**/entryPoint/#", _json_command),
        ("**/args/#", _json_command),
        ("#/scripts/*", "shell"),  # package.json
        *(
            (f"#/{name}Command", "shell")  # devcontainer.json
            for name in ("onCreate", "updateContent", "postCreate", "postStart", "postAttach", "initialize")
        ),
        ("#/data/*", _by_key),
        ("#/stringData/*", _by_key),
        ("#/metadata/annotations/*", _annotation),
    ),
    "hcl": (
        *_MAP_OF_VARIABLES,
        *_LIST_OF_VARIABLES,
        ("**/local-exec/#/command", _local_exec),
        ("**/local-exec/command", _local_exec),
        ("**/remote-exec/#/inline/#", "shell"),
        ("**/remote-exec/inline/#", "shell"),
        ("**/program/#", _argv),
        ("**/entryPoint/#", _argv),
        ("**/entrypoint/#", _argv),
        ("**/command/#", lambda document, path: document.program(path, before="entryPoint")),
        ("**/args/#", _kubernetes_args),
        ("**/*", _of_terraform),
    ),
    "github": (
        ("**/env/*", _variable),
        ("jobs/*/steps/#/run", _step_run),
        ("runs/steps/#/run", _step_run),
        *(
            (f"**/steps/#/with/{name}", _action_input)
            for name in ("run", "command", "inlineScript", "inline-script")
        ),
        ("**/steps/#/with/script", _github_script),
        ("**/steps/#/with/args", "plain"),
        ("**/steps/#/with/entrypoint", "plain"),
        ("runs/args/#", lambda document, path: document.program(path, before="entrypoint")),
        ("jobs/*/container/options", "plain"),
        ("jobs/*/services/*/options", "plain"),
    ),
    "kubernetes": (
        *_LIST_OF_VARIABLES,
        ("data/*", _variable),
        ("stringData/*", _variable),
        ("**/literals/#", _assignment),
        ("**/command/#", _argv),
        ("**/args/#", _kubernetes_args),
        ("**/metadata/annotations/*", _annotation),
        ("**/script/source", _argo_source),
        ("**/steps/#/script", _by_first_line),
        ("**/patches/#/patch", _patch),
        ("**/patchesJson6902/#/patch", _patch),
        ("patchesStrategicMerge/#", _patch),
        ("**/literals/#", _kustomize),
        ("spec/groups/#/rules/#/expr", _promql),
        ("spec/groups/#/rules/#/annotations/*", _alert_text),
        ("spec/groups/#/rules/#/labels/*", _alert_text),
        (
            "**/files/#",
            lambda document, path: _kustomize(document, path) if "=" in document.text(*path) else None,
        ),
        ("**/*", _by_key),
    ),
    "compose": (
        ("**/environment/*", _variable),
        ("**/environment/#", _assignment),
        ("**/command", "shell"),
        ("**/entrypoint", "shell"),
        ("**/healthcheck/test", "shell"),
        ("**/command/#", _compose_command),
        ("**/entrypoint/#", _argv),
        ("**/test/#", _healthcheck),
        ("configs/*/content", _compose_config),
    ),
    "gitlab": (
        ("**/variables/*", _variable),
        ("**/variables/*/value", _variable_above),
        *((f"**/{name}", _gitlab_shell) for name in ("script", "before_script", "after_script")),
        *((f"**/{name}/#", _gitlab_shell) for name in ("script", "before_script", "after_script")),
        *((f"**/{name}/#/#", _gitlab_shell) for name in ("script", "before_script", "after_script")),
        ("**/pre_get_sources_script/#", _gitlab_shell),
        ("**/pre_get_sources_script", _gitlab_shell),
    ),
    "cloudbuild": (
        ("**/env/#", _assignment),
        ("steps/#/args/#", _cloudbuild_args),
        ("steps/#/script", _by_first_line),
    ),
    "pipeline": (
        *_MAP_OF_VARIABLES,
        *(
            (f"**/{name}{item}", _pipeline_script)
            for name in (
                "script",
                "bash",
                "command",
                "commands",
                "before_script",
                "after_script",
                "install",
                "run",
            )
            for item in ("", "/#")
        ),
        ("**/powershell", "code"),
        ("**/pwsh", "code"),
        ("**/inlineScript", "code"),
    ),
    "circleci": (
        ("**/environment/*", _variable),
        ("**/steps/#/run", _circleci_shell),
        ("**/run/command", _circleci_shell),
        ("**/pre-steps/#/run", "shell"),
        ("**/post-steps/#/run", "shell"),
        ("**/when/steps/#/run", "shell"),
    ),
    "taskfile": (
        ("**/env/*", _variable),
        ("tasks/*", "shell"),
        ("tasks/*/#", "shell"),
        *(
            (f"**/{name}", "shell")
            for name in ("cmds/#", "cmd", "sh", "status/#", "preconditions/#", "defer")
        ),
    ),
    "prometheus": (("groups/#/rules/#/expr", _promql),),
    "cloudinit": (
        ("runcmd/#", "shell"),
        ("bootcmd/#", "shell"),
        ("snap/commands/#", "shell"),
        ("power_state/condition", "shell"),
        ("runcmd/#/#", _argv),
        ("bootcmd/#/#", _argv),
        ("write_files/#/content", _written_file),
        ("**/ssh_authorized_keys/#", "text"),
    ),
}
