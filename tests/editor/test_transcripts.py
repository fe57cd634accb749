"""What the language server and an editor say to each other: transcripts, and the judge of each message."""

from __future__ import annotations

from pathlib import Path

from tests.editor.messages import Message, problems
from tests.editor.transcripts import check_transcripts


def test_each_feature_has_its_transcript(tmp_path: Path, update_golden: bool) -> None:
    check_transcripts("go-gke", tmp_path, update=update_golden)


def test_the_judge_of_messages_finds_what_is_wrong() -> None:
    wrong: list[Message] = [
        (
            "client",
            {"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": {"position": "here"}},
        ),
        (
            "server",
            {"jsonrpc": "2.0", "id": 1, "result": {"contents": {"kind": "markdown", "value": "a"}, "x": 1}},
        ),
        ("client", {"jsonrpc": "2.0", "method": "textDocument/unknown", "params": {}}),
        ("client", {"jsonrpc": "2.0", "id": 2, "method": "shutdown"}),
    ]
    found = list(problems(wrong))
    assert [each.split(":")[0] for each in found] == ["client", "server", "client", "no answer to shutdown"]
