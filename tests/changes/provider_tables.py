"""Build the tables of `generator/changes/tables/` from the source of the Terraform providers.

    python -m tests.changes.provider_tables TABLE REPOSITORY TAG...

REPOSITORY is a clone of the provider, the tags are its latest versions of each major, the newest last. What the
versions disagree on, and what is decided while Terraform plans, is `unsure`. The facts that no source states in one
place (`data`, `name`, `keeps`) stay as they are in the table. A new type is added by hand, with an empty entry.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

TABLES = Path(__file__).parents[2] / "generator" / "changes" / "tables"
_REPLACES = re.compile(r"\bRequiresReplace\(\)")
_MAYBE = re.compile(r"\bRequiresReplaceIf")
_DYNAMIC = re.compile(r'(?:ForceNewIf(?:Change)?|\.ForceNew)\(\s*"([^"]+)"')
_DECIDED = re.compile(r"\.ForceNew\(\s*([a-zA-Z_]\w*)\s*\)")


@dataclass
class Argument:
    """An argument: whether a change replaces the resource, may do so, or is compared other than by its text."""

    replaces: bool = False
    unsure: bool = False
    compared: bool = False
    inner: dict[str, Argument] = field(default_factory=dict)


class Source:
    """The source of a provider at one version, written to `folder`."""

    def __init__(self, repository: str, tag: str, folder: Path) -> None:
        self.tag, self._folder = tag, folder
        folder.mkdir()
        command = [
            "git",
            "-C",
            repository,
            "archive",
            tag,
            "--",
            ".",
            ":!vendor",
            ":!website",
            ":!docs",
            ":!examples",
        ]
        archive = subprocess.run(command, capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)

    def text(self, path: str) -> str:
        """Return a file."""
        return (self._folder / path).read_text("utf-8")

    @cached_property
    def paths(self) -> list[str]:
        """The files with code."""
        every = (path.relative_to(self._folder).as_posix() for path in self._folder.rglob("*.go"))
        return sorted(path for path in every if not path.endswith("_test.go"))

    def _lines(self, pattern: str) -> Iterator[tuple[str, re.Match[str]]]:
        """Yield each match of a pattern, with its file."""
        compiled = re.compile(pattern, re.M | re.I)
        for path in self.paths:
            for match in compiled.finditer(self.text(path)):
                yield path, match

    @cached_property
    def _functions(self) -> dict[str, list[str]]:
        """The files that declare each function of a resource, by its name in small letters."""
        found: dict[str, list[str]] = {}
        for path, match in self._lines(r"^func (\w+)\(\) \*schema\.Resource"):
            found.setdefault(match[1].lower(), []).append(path)
        return found

    @cached_property
    def _registered(self) -> dict[str, tuple[str, str]]:
        """The function of each type of resource, with its package, from the code that registers them."""
        pattern = r'"([a-z0-9_]+)":\s+([a-z0-9]+)\.(resource\w*)\(\),'
        found = {match[1]: (match[2], match[3]) for _, match in self._lines(pattern)}
        own = (
            r'Name:\s+"(\w+)",\s+ProductName:.*\s+Type:\s+registry\.SchemaTypeResource,\s+Schema:\s+(\w+)\(\)'
        )
        return {match[1]: (path.split("/")[-2], match[2]) for path, match in self._lines(own)} | found

    @cached_property
    def _constants(self) -> dict[str, tuple[str, str]]:
        """The file of each type of resource that a constant names, and the beginning of the constant's name."""
        pattern = r'(\w*)ResourceType += "([a-z0-9_]+)"'
        return {match[2]: (path, match[1]) for path, match in self._lines(pattern)}

    def place(self, type_: str) -> tuple[str, str]:
        """Return the file and the function that declare a type; the function is "" for those of the framework."""
        if type_ in self._constants:
            path, prefix = self._constants[type_]
            function = f"{prefix}Resource"
            return path, function if path in self._functions.get(function.lower(), []) else ""
        package, function = self._registered.get(type_, ("", ""))
        function = function or "Resource" + "".join(part.capitalize() for part in type_.split("_")[1:])
        paths = self._functions.get(function.lower(), [])
        paths = [path for path in paths if not package or f"/{package}/" in path]
        return (paths[0], function) if paths else ("", "")


class Code:
    """A Go file, with the files beside it for what it refers to."""

    def __init__(self, source: Source, path: str) -> None:
        self._source, self.path = source, path
        self.text = source.text(path)
        self.bare = bare(self.text)

    @cached_property
    def beside(self) -> list[Code]:
        """The other files of the package."""
        folder = self.path.rpartition("/")[0]
        paths = [
            path for path in self._source.paths if path.rpartition("/")[0] == folder and path != self.path
        ]
        return [Code(self._source, path) for path in paths]

    def declaration(self, name: str) -> tuple[Code, int] | None:
        """Return where the literal begins that a function or variable of the package holds."""
        pattern = re.compile(rf"^(?:func {name}\([^)]*\)[^{{]*\{{|var {name}\b[^=\n]*=\s*)", re.M)
        for code in (self, *(each for each in self.beside if name in each.text)):
            match = pattern.search(code.bare)
            if match:
                literal = re.compile(
                    r"(?:&?schema\.(?:Schema|Resource|\w+Attribute)|map\[string\]\*schema\.Schema)\s*\{"
                ).search(code.bare, match.end() - 1 if match[0].endswith("{") else match.end())
                if literal:
                    return code, literal.end() - 1
        return None

    def items(self, start: int) -> Iterator[tuple[str, int, int]]:
        """Yield the key, and the range of the value, of each item of the literal that opens at `start`."""
        depth, begin, key = 0, start + 1, None
        at = start
        while at < len(self.bare):
            each = self.bare[at]
            if each in "{([":
                depth += 1
            elif each in "})]":
                depth -= 1
            if depth == 1 and each == ":" and key is None:
                key = self.text[begin:at].strip().strip('"')
                begin = at + 1
            if (depth == 1 and each == ",") or depth == 0:
                if key is not None:
                    yield key, begin, at
                begin, key = at + 1, None
                if depth == 0:
                    return
            at += 1

    def arguments(self, start: int) -> dict[str, Argument]:
        """Return the arguments of the map that opens at `start`."""
        found = {}
        for key, begin, end in self.items(start):
            argument = self.argument(begin, end)
            if argument is not None:
                found[key.split("\n")[-1].strip().strip('"')] = argument
        return found

    def elsewhere(self, package: str, name: str) -> tuple[Code, int] | None:
        """Return where the literal begins that a function of another package of the provider holds."""
        paths = [path for path in self._source.paths if path.rpartition("/")[0].endswith(f"/{package}")]
        codes = (Code(self._source, path) for path in paths)
        return next(
            (found for code in codes if name in code.text and (found := code.declaration(name))), None
        )

    def referred(self, value: str) -> tuple[Code, int] | None:
        """Return where the literal begins that a name, or a call, stands for."""
        call = re.fullmatch(r"&?(?:([a-z]\w*)\.)?([A-Za-z_]\w*)(?:\(.*\))?", value, re.S)
        if call is None or (call[1] == "schema"):
            return None
        return self.elsewhere(call[1], call[2]) if call[1] else self.declaration(call[2])

    def argument(self, begin: int, end: int) -> Argument | None:
        """Return the argument that a value declares, None for what cannot be set."""
        value = self.bare[begin:end].strip()
        place = self.referred(value)
        if place is not None:
            code, opening = place
            return code._literal(opening)
        opening = self.bare.find("{", begin, end)
        if opening < 0 or re.match(r"[a-z]\w*\.[A-Z]\w*\(", value):
            return Argument(unsure=True)
        return self._literal(opening)

    def _literal(self, opening: int) -> Argument | None:
        fields = {key.split("\n")[-1].strip(): (begin, end) for key, begin, end in self.items(opening)}
        shown = {key: self.bare[begin:end].strip() for key, (begin, end) in fields.items()}
        if shown.get("Computed") == "true" and "Optional" not in shown and "Required" not in shown:
            return None
        modifiers = shown.get("PlanModifiers", "")
        force = shown.get("ForceNew", "")
        found = Argument(
            replaces=force == "true" or bool(_REPLACES.search(modifiers)),
            unsure=force not in ("", "true", "false") or bool(_MAYBE.search(modifiers)),
            compared="DiffSuppressFunc" in shown or "StateFunc" in shown,
        )
        for key in ("Elem", "Schema", "Attributes", "NestedObject", "Blocks"):
            if key in fields:
                self._inner(found, *fields[key])
        return found

    def _inner(self, found: Argument, begin: int, end: int) -> None:
        value = self.bare[begin:end].strip()
        if value.startswith("&schema.Schema"):
            return
        if value.startswith("tpgresource.MergeSchemas("):
            for part in self._parts(begin, end):
                self._inner(found, *part)
            return
        place = self.referred(value)
        if place is not None:
            code, opening = place
            code._fields(found, opening)
        elif "{" in value:
            opening = self.bare.find("{", begin, end)
            if value.startswith("map["):
                found.inner |= self.arguments(opening)
            else:
                self._fields(found, opening)
        else:
            found.unsure = True

    def _parts(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the ranges of the arguments of a call."""
        opening = self.bare.index("(", begin)
        depth, start = 0, opening + 1
        for at in range(opening, end):
            depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}.get(self.bare[at], 0)
            if (depth == 1 and self.bare[at] == ",") or depth == 0:
                if self.bare[start:at].strip():
                    yield start, at
                start = at + 1
            if depth == 0:
                return

    def _fields(self, found: Argument, opening: int) -> None:
        if self.bare[:opening].rstrip().endswith("map[string]*schema.Schema"):
            found.inner |= self.arguments(opening)
            return
        for key, begin, end in self.items(opening):
            name = key.split("\n")[-1].strip()
            if name in ("Schema", "Attributes", "Blocks"):
                self._inner(found, begin, end)


def bare(text: str) -> str:
    """Return Go code with the content of strings and comments replaced by blanks."""
    pattern = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|//[^\n]*|/\*.*?\*/|\'(?:\\.|[^\'\\\n])\'', re.S)

    def blank(match: re.Match[str]) -> str:
        kept = re.sub(r"[^\n]", " ", match[0])
        return f'"{kept[1:-1]}"' if match[0][0] == '"' else kept

    return pattern.sub(blank, text)


def schema_of(source: Source, type_: str) -> tuple[str, dict[str, Argument]]:
    """Return the file of a type, and its arguments."""
    path, function = source.place(type_)
    if not path:
        return "", {}
    code = Code(source, path)
    whole = Argument()
    if function:
        match = re.search(rf"^func {function}\(\)", code.bare, re.M | re.I)
        opening = code.bare.find("&schema.Resource{", match.end() if match else 0)
        code._fields(whole, code.bare.index("{", opening))
    else:
        for match in re.finditer(
            r"resp\.Schema(?:\.(?:Attributes|Blocks))? = (?:map\[string\]schema\.\w+|schema\.Schema)\{",
            code.bare,
        ):
            opening = match.end() - 1
            if "map[" in match[0]:
                whole.inner |= code.arguments(opening)
            else:
                code._fields(whole, opening)
    for name in _DYNAMIC.findall(code.text):
        mark(whole, [part for part in re.split(r"\.(?:0\.)?", name) if part != "0"])
    for name in set(_DECIDED.findall(code.bare)):
        print(f"{type_}: {path} decides itself about {name}", file=sys.stderr)
    return path, whole.inner


def mark(whole: Argument, path: list[str]) -> None:
    """Mark an argument whose effect is decided while Terraform plans."""
    for part in path:
        if part not in whole.inner:
            return
        whole = whole.inner[part]
    whole.unsure = True


def flat(arguments: Mapping[str, Argument], prefix: str = "") -> Iterator[tuple[str, Argument]]:
    """Yield every argument whose change may replace the resource, by its path; of a block, its number counts."""
    for name, each in sorted(arguments.items()):
        if each.replaces or each.unsure:
            yield f"{prefix}{name}", each
        yield from flat(each.inner, f"{prefix}{name}.")


def lists(versions: list[dict[str, Argument]]) -> dict[str, list[str]]:
    """Return the lists of a type: what replaces it in all versions, the same compared otherwise, the rest."""
    tables = [dict(flat(each)) for each in versions]
    names = sorted({name for table in tables for name in table})
    found: dict[str, list[str]] = {"replacing": [], "compared": [], "unsure": []}
    for name in names:
        each = [
            (table[name].replaces and not table[name].unsure) if name in table else None for table in tables
        ]
        known = [
            one for one, version in zip(each, versions, strict=True) if one is not None or _has(version, name)
        ]
        if known and all(one is True for one in known):
            compared = any(table[name].compared for table in tables if name in table)
            found["compared" if compared else "replacing"].append(name)
        else:
            found["unsure"].append(name)
    return found


def _has(arguments: Mapping[str, Argument], path: str) -> bool:
    first, _, rest = path.partition(".")
    return first in arguments and (not rest or _has(arguments[first].inner, rest))


def build(table: dict[str, Any], repository: str, tags: list[str]) -> dict[str, Any]:
    """Return the table with what the source of these versions states."""
    with TemporaryDirectory() as folder:
        sources = [Source(repository, tag, Path(folder) / tag) for tag in tags]
        _fill(table, sources, tags)
    table["versions"] = " ".join(tag.removeprefix("v") for tag in tags)
    table["read"] = date.today().isoformat()
    return table


def _fill(table: dict[str, Any], sources: list[Source], tags: list[str]) -> None:
    for type_, facts in table["resources"].items():
        if facts and facts.get("by_hand"):
            continue
        places = [schema_of(source, type_) for source in sources]
        there = [each for each in places if each[1]]
        if not there:
            raise SystemExit(
                f"{type_}: not found, or not understood; read its source and set `by_hand: true`"
            )
        facts = facts or {}
        for name in ("source", "replacing", "compared", "unsure"):
            facts.pop(name, None)
        path = places[-1][0] or there[-1][0]
        table["resources"][type_] = {
            "source": path,
            **{name: " ".join(paths) for name, paths in lists([each[1] for each in there]).items() if paths},
            **facts,
        }
        only = [tag for tag, each in zip(tags, places, strict=True) if each[1]]
        if len(only) < len(tags):
            print(f"{type_}: only in {', '.join(only)}", file=sys.stderr)


def main(name: str, repository: str, *tags: str) -> None:
    """Write a table anew."""
    path = TABLES / f"{name}.yaml"
    text = path.read_text("utf-8")
    head = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    table = build(yaml.safe_load(text), repository, list(tags))
    path.write_text(head + yaml.safe_dump(table, sort_keys=False, width=118, allow_unicode=True), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
