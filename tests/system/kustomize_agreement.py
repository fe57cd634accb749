"""Compare the builds of public kustomizations with those of `kubectl kustomize`.

Run `python -m tests.system.kustomize_agreement FOLDER`: below FOLDER lie git directories as `<owner>+<name>/repo`.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from generator.languages import read
from generator.languages.node import Map, Node, Seq, plain
from generator.languages.source import Source
from generator.system import System
from generator.system.kubernetes import objects
from generator.system.kustomize import Build, Files, build

_LIMIT = 1_000_000


def main(folder: Path) -> int:
    """Print what differs, what is unknown, and the agreement."""
    total: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for repository in sorted(folder.glob("*/repo")):
        counts = _repository(repository, reasons)
        if counts:
            print(repository.parent.name, dict(counts), flush=True)
        total.update(counts)
    known = total["same"] + total["differs"]
    print(dict(total))
    for reason, count in reasons.most_common(40):
        print(f"{count:5} {reason}")
    print(f"agreement: {total['same']} of {known} ({100 * total['same'] / max(known, 1):.2f} %)")
    return 0 if total["same"] >= 0.99 * known else 1


def _repository(repository: Path, reasons: Counter[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    files = _files(repository)
    if not any(_named(path) for path in files):
        return counts
    with tempfile.TemporaryDirectory() as scratch:
        for path, text in files.items():
            Path(scratch, path).parent.mkdir(parents=True, exist_ok=True)
            Path(scratch, path).write_bytes(text.encode())
        system = System.of_files(files)
        tree = Files(system.sources, system.read)
        for each in system.kustomizations:
            if each.kind == "Component" or not _named(each.path):
                continue
            made = build(each, tree)
            if made.unknown:
                counts["unknown"] += 1
                reasons[made.unknown[-70:]] += 1
                continue
            difference = _compare(made, Path(scratch, each.path).parent)
            counts["differs" if difference else "same"] += 1
            if difference:
                print("  differs:", each.path, difference)
    return counts


def _files(repository: Path) -> dict[str, str]:
    """Return the texts of the newest commit; a blob that the copy does not have is left out."""
    git = ["git", "-C", str(repository)]
    listed = subprocess.run([*git, "ls-tree", "-r", "-z", "HEAD"], capture_output=True, check=True).stdout
    blobs = [entry.partition("\t") for entry in listed.decode().split("\0") if " blob " in entry]
    names = [(path, head.split()[2]) for head, _, path in blobs if not head.startswith("120000")]
    if not any(_named(path) for path, _ in names):
        return {}
    asked = "\n".join(name for _, name in names).encode()
    answer = io.BytesIO(
        subprocess.run([*git, "cat-file", "--batch"], input=asked, capture_output=True, check=True).stdout
    )
    files = {}
    for path, _ in names:
        head = answer.readline().split()
        if head[-1] == b"missing":
            continue
        content = answer.read(int(head[-1]))
        answer.read(1)
        if len(content) < _LIMIT:
            with contextlib.suppress(UnicodeDecodeError):
                files[path] = content.decode()
    return files


def _compare(made: Build, folder: Path) -> str:
    """Return how a build differs from that of kubectl, "" when it does not."""
    done = subprocess.run(
        ["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        return f"refused: {done.stderr.strip()[-200:]}"
    result = read(Source("built.yaml", done.stdout, "kubernetes", "built.yaml"))
    assert result is not None
    theirs = {_key(one.node): one.node for one in objects(result.node.source, result.node)}
    return _differs({_key(one.node): one.node for one in made.objects}, theirs)


def _named(path: str) -> bool:
    return Path(path).name in ("kustomization.yaml", "kustomization.yml", "Kustomization")


def _key(node: Map) -> tuple[str, ...]:
    return (
        node.text("apiVersion"),
        node.text("kind"),
        node.text("metadata", "namespace"),
        node.text("metadata", "name"),
    )


def _differs(ours: dict[tuple[str, ...], Map], theirs: dict[tuple[str, ...], Map]) -> str:
    if ours.keys() != theirs.keys():
        lost, more = sorted(theirs.keys() - ours.keys()), sorted(ours.keys() - theirs.keys())
        return f"only ours {more[:3]}, only theirs {lost[:3]}"
    return next(
        (f"{key[1]}/{key[3]} {found}" for key, node in ours.items() if (found := _first(node, theirs[key]))),
        "",
    )


def _first(ours: Node, theirs: Node, path: str = "") -> str:
    """Return the first difference of two nodes, "" when there is none."""
    if isinstance(ours, Map) and isinstance(theirs, Map):
        if set(ours) != set(theirs):
            return f"{path} keys {sorted(set(ours) ^ set(theirs))}"
        return next(
            (
                found
                for key in ours
                if (found := _first(ours.entries[key], theirs.entries[key], f"{path}.{key}"))
            ),
            "",
        )
    if isinstance(ours, Seq) and isinstance(theirs, Seq) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return next((found for n, (a, b) in pairs if (found := _first(a, b, f"{path}[{n}]"))), "")
    return (
        ""
        if plain(ours) == plain(theirs)
        else f"{path} {str(plain(ours))[:120]!r} is not {str(plain(theirs))[:120]!r}"
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
