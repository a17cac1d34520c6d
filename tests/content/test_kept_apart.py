"""What is kept apart stays apart: nothing that is learnt from stands in it too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crisis.core.case import CreditKind, CrisisType, Severity, case_of

DATA = Path(__file__).parent.parent / "data"


def records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("kept", "learnt", "words"),
    [
        ("kept_cases.jsonl", "own_cases.jsonl", "title"),
        ("kept_statements.jsonl", "own_statements.jsonl", "text"),
    ],
)
def test_no_text_that_is_kept_apart_is_learnt_from(kept: str, learnt: str, words: str) -> None:
    def texts(name: str) -> set[str]:
        return {part[words] for record in records(name) for part in record.get("mentions", [record])}

    assert not texts(kept) & texts(learnt)
    assert not {record["id"] for record in records(kept)} & {record["id"] for record in records(learnt)}


def test_every_case_that_is_kept_apart_can_be_read_and_has_its_labels() -> None:
    for record in records("kept_cases.jsonl"):
        gold = record["gold"]
        assert case_of(record).mentions
        assert CrisisType(gold["primary"]) and Severity(gold["severity"])
        assert (gold["credit_kind"] is not None) == (gold["primary"] == "credit")
        assert gold["credit_kind"] is None or CreditKind(gold["credit_kind"])
        assert set(gold["first"]) <= {*gold["must"], *gold["may"]} and not {*gold["must"]} & {*gold["may"]}
