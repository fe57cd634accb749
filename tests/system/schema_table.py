"""Build the table of Kubernetes' fields, `system/api_server/schema.json`, from the package kubernetes-validate.

`python -m tests.system.schema_table` writes it.
"""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[2] / "generator" / "system" / "api_server" / "schema.json"
_NOT_APPLIED = re.compile(
    r"List$|Review$|^(Binding|DeleteOptions|Eviction|Scale|Status|TokenRequest|WatchEvent)$"
)
_SCALARS = {"boolean": "b", "integer": "i", "number": "n", "string": "s"}
_SPECIAL = {"Quantity": "q", "IntOrString": "p", "Time": "s", "MicroTime": "s"}
_ANY = "o"  # not described: JSON, schemas of custom resources, what the server itself writes
_SKIPPED = frozenset(["managedFields", "status"])
Table = dict[str, Any]


def build(packages: Path) -> Table:
    """Return the table: the kinds by version, and the fields of each type with the minor versions that know them."""
    seen: dict[str, dict[str, dict[int, str]]] = {}
    kinds: dict[str, str] = {}
    minors = sorted(int(each.name.split(".")[1]) for each in packages.glob("v1.*.0-local-strict"))
    for minor in minors:
        text = (packages / f"v1.{minor}.0-local-strict" / "_definitions.json").read_text("utf-8")
        definitions = json.loads(text)["$defs"]
        roots = _roots(definitions)
        kinds |= {kind: _short(name) for kind, name in roots.items()}
        for name in _reached(definitions, list(roots.values())):
            fields = seen.setdefault(_short(name), {})
            for key, schema in definitions[name]["properties"].items():
                fields.setdefault(key, {})[minor] = _ANY if key in _SKIPPED else _code(schema, definitions)
    types = {
        name: {key: _field(codes, _minors(fields)) for key, codes in sorted(fields.items())}
        for name, fields in sorted(seen.items())
    }
    return {
        "source": "the OpenAPI of Kubernetes, as the package kubernetes-validate 1.37.0 has it; read 2026-11-29",
        "minors": [minors[0], minors[-1]],
        "kinds": dict(sorted(kinds.items())),
        "types": types,
    }


def _roots(definitions: Table) -> dict[str, str]:
    """Return the names of the types of the objects of stable versions, by `apiVersion kind`."""
    roots = {}
    for name, schema in definitions.items():
        for each in schema.get("x-kubernetes-group-version-kind", ()):
            is_stable = re.fullmatch(r"v\d+", each["version"])
            if (
                is_stable
                and not _NOT_APPLIED.search(each["kind"])
                and "metadata" in schema.get("properties", {})
            ):
                version = f"{each['group']}/{each['version']}".lstrip("/")
                roots[f"{version} {each['kind']}"] = name
    return roots


def _reached(definitions: Table, names: list[str]) -> set[str]:
    found: set[str] = set()
    while names:
        name = names.pop()
        if name in found or _code({"$ref": name}, definitions) != _short(name):
            continue
        found.add(name)
        for key, schema in definitions[name]["properties"].items():
            if key not in _SKIPPED:
                names += [each.rpartition("/")[2] for each in _references(schema)]
    return found


def _references(schema: Table) -> list[str]:
    inner = [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    return [schema["$ref"]] if "$ref" in schema else [name for each in inner for name in _references(each)]


def _code(schema: Table, definitions: Table) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        last = name.rpartition(".")[2]
        if last in _SPECIAL:
            return _SPECIAL[last]
        inner = definitions[name]
        if "properties" in inner and last != "JSONSchemaProps":
            return _short(name)
        return _ANY if "type" not in inner or "properties" in inner else _code(inner, definitions)
    types = schema.get("type", ())
    kind = next((each for each in ([types] if isinstance(types, str) else types) if each != "null"), "")
    if kind == "array":
        return f"[{_code(schema.get('items', {}), definitions)}"
    if kind == "object":
        more = schema.get("additionalProperties")
        return f"{{{_code(more, definitions)}" if isinstance(more, dict) else _ANY
    return "y" if schema.get("format") == "byte" else _SCALARS.get(kind, _ANY)


def _short(name: str) -> str:
    return re.sub(
        r"^io\.k8s\.(api\.|apimachinery\.pkg\.apis\.|apiextensions-apiserver\.pkg\.apis\.|)", "", name
    )


def _minors(fields: dict[str, dict[int, str]]) -> list[int]:
    """Return the minor versions that have a type."""
    return sorted({minor for codes in fields.values() for minor in codes})


def _field(codes: dict[int, str], minors: list[int]) -> str:
    """Return the type of a field, followed by `@first-last` where only some versions of its type have it."""
    first, last = min(codes), max(codes)
    if (first, last) == (minors[0], minors[-1]):
        return codes[last]
    since = str(first) if first != minors[0] else ""
    return f"{codes[last]}@{since}" + (f"-{last}" if last != minors[-1] else "")


def text(table: Table) -> str:
    """Return the table as it is written: a line for each kind and type."""
    lines = []
    for key, value in table.items():
        if isinstance(value, dict):
            rows = (
                f"  {json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}"
                for name, row in value.items()
            )
            lines.append(f'"{key}": {{\n' + ",\n".join(rows) + "\n}")
        else:
            lines.append(f'"{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def packages() -> Path:
    spec = find_spec("kubernetes_validate")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "kubernetes-json-schema"


if __name__ == "__main__":
    TABLE.write_text(text(build(packages())), "utf-8")
