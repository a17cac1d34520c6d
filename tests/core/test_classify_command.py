"""`crisis classify`: the stable shape, line by line."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from crisis.cli.classify import command


def test_a_case_gives_one_line_of_the_stable_shape_and_a_bad_line_only_a_sentence(tmp_path: Path) -> None:
    case = {
        "id": "a",
        "language": "zh",
        "org": {"name": "晨焰"},
        "mentions": [{"hours": 0, "kind": "tv", "title": "晨焰灶具爆炸", "summary": "两人送医"}],
        "facts": [{"hours": 1, "claim": "一台灶具爆炸", "status": "confirmed"}],
    }
    file = tmp_path / "cases.ndjson"
    file.write_text(json.dumps(case) + "\nnot json\n" + json.dumps(case | {"id": "b"}) + "\n", encoding="utf-8")

    result = CliRunner().invoke(command, [str(file)])

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["id"] for line in lines] == ["a", "b"]
    assert result.exit_code == 1
    assert "line 2" in result.stderr
    line = lines[0]
    assert line["primary"] == "linear" and line["credit_kind"] is None
    assert set(line["scores"]) == {"linear", "media", "matrix", "credit", "chain"}
    assert 0 <= line["confidence"] <= 1 and line["severity"] in ("minor", "moderate", "severe")
    assert line["next_fact"]
    blast = next(row for row in line["evidence"] if row["feature"] == "fire_blast" and row.get("mention") == 0)
    start, end = blast["span"]
    assert "晨焰灶具爆炸\n两人送医"[start:end] == "爆炸" and "爆炸" in blast["because"]
    assert blast["because_text"]["en"]
