"""`oetgen adopt --page`: one page with what differs, the riskiest first, that runs nothing."""

from __future__ import annotations

import json
import re
from html import escape, unescape
from pathlib import Path

from tests.conftest import oetgen

HOSTILE = "<script>window.pwned=1</script>"


def write(folder: Path, name: str, replicas: int, probe: str, note: str) -> str:
    path = folder / name / "k8s" / "web.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(
        f"# {note}\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: {replicas}\n{probe}",
        "utf-8",
    )
    return f"{name}={folder / name}"


def test_the_page_has_each_difference_with_its_lines_the_riskiest_first(tmp_path: Path) -> None:
    probe = "  livenessProbe: {path: /health}\n"
    folders = [
        write(tmp_path, "dev", 1, "", HOSTILE),
        write(tmp_path, "prod", 3, probe, "production"),
        write(tmp_path, "staging", 2, probe, "production"),
    ]
    page = tmp_path / "drift.html"
    done = oetgen("adopt", *folders, "--to", str(tmp_path / "p"), "--page", str(page), "--format", "json")
    assert done.status == 0, done.err
    text = page.read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy and "script-src" not in unescape(policy[1]) and "default-src 'none'" in unescape(policy[1])
    assert "<script" not in text and escape(HOSTILE)[:20] in text
    found = json.loads(done.out)["drift"]
    kinds = list(dict.fromkeys(each["kind"] for each in found))
    assert re.findall(r'<section id="(\w+)"><h3>\w', text)[: len(kinds)] == kinds
    assert text.count('<tr><th scope="row">') == len(found) + len(json.loads(done.out)["values"])
    for each in found:
        assert all(place.partition(":")[2] in text for place in each["places"])
    assert "≠" in text, "dev alone has no probe"


def test_without_differences_it_says_so(tmp_path: Path) -> None:
    folders = [write(tmp_path, name, 1, "", "same") for name in ("dev", "prod")]
    page = tmp_path / "drift.html"
    assert oetgen("adopt", *folders, "--to", str(tmp_path / "p"), "--page", str(page)).status == 0
    assert "Nothing differs between the environments." in page.read_text("utf-8")


def test_a_page_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    folders = [write(tmp_path, name, 1, "", "same") for name in ("dev", "prod")]
    page = tmp_path / "no" / "drift.html"
    done = oetgen("adopt", *folders, "--to", str(tmp_path / "p"), "--page", str(page))
    assert done.status == 2 and "--page" in done.err
