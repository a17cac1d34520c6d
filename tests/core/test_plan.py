"""The plan as one value, and the command that prints it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner

from crisis.cli.plan import command
from crisis.content.plans import load_plan_content
from crisis.core.case import CreditKind, CrisisType, Severity
from crisis.core.legal import Checked
from crisis.core.plan import plan
from tests.core.test_audience import STOVE, Judged

ON = date(2026, 11, 22)
RECORD = {
    "id": "stove",
    "language": "zh",
    "org": {"name": "穗光燃具", "aliases": ["Suiguang Stoves"], "industry": "家电", "peers": ["某某灶具"]},
    "mentions": [
        {"hours": 0, "outlet": "晚报", "kind": "newspaper", "reach": 3, "lang": "zh", "title": "燃气灶爆炸 一人受伤"}
    ],
    "facts": [{"hours": 1, "claim": "一户家庭的燃气灶发生爆炸，一人受伤", "status": "confirmed"}],
    "classification": {"primary": "linear", "secondary": [], "severity": "severe"},
}


def _run(*lines: object, lang: str = "zh") -> tuple[list[dict[str, object]], int, str]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    result = CliRunner().invoke(command, ["--lang", lang, "--now", "2026-11-22T20:30:00+08:00"], input=text)
    return [json.loads(line) for line in result.stdout.splitlines()], result.exit_code, result.stderr


def test_a_plan_holds_playbook_audiences_coverage_reminders_and_principles() -> None:
    made = plan(STOVE, Judged(), load_plan_content(), on=ON)

    assert made.playbook.id == "core+linear"
    assert "injury" in made.modules
    assert made.coverage.may_submit
    assert [item.principle for item in made.principles] == ["candor", "speed", "proactivity", "completeness"]
    assert all(0 <= item.share <= 1 and item.rows for item in made.principles)


def test_reminders_follow_place_day_and_signals() -> None:
    made = plan(STOVE, Judged(), load_plan_content(), on=ON)

    ids = {item.id for item in made.law.reminders}
    assert {"R03", "R11", "R18"} <= ids  # Hangzhou and Germany, goods, people hurt; and contracts everywhere
    assert "R14" not in ids
    assert all(item.checked in Checked and item.source.zh and item.source.en for item in made.law.reminders)


@pytest.mark.parametrize("region", ["台南", "臺北", "桃園", "Taipei"])
def test_a_firm_in_taiwan_is_not_reminded_of_the_law_of_another_place(region: str) -> None:
    there = replace(STOVE, org=replace(STOVE.org, regions=(region,)))

    there_only = plan(there, Judged(), load_plan_content(), on=ON).law

    assert {item.jurisdiction for item in there_only.reminders} <= {"ANY", "TW"}
    assert [name.en for name in there_only.unfitting] == ["Taiwan"] and not there_only.missing


def test_a_reminder_that_is_not_yet_in_force_is_not_shown() -> None:
    made = plan(STOVE, Judged(), load_plan_content(), on=date(2019, 6, 1))

    assert "R03" not in {item.id for item in made.law.reminders}


def test_a_credit_case_gets_the_steps_of_its_kind() -> None:
    judged = Judged(primary=CrisisType.CREDIT, credit_kind=CreditKind.OPERATING, severity=Severity.MODERATE)

    ids = {step.id for step in plan(STOVE, judged, load_plan_content(), on=ON).playbook.steps}

    assert "C11" in ids
    assert not ids & {"C10", "C12", "C13"}


def test_the_command_answers_in_the_agreed_shape() -> None:
    (line,), status, _ = _run(RECORD)

    assert status == 0
    assert {"id", "classification", "playbook", "audiences", "coverage", "principles"} <= set(line)
    assert line["classification"] == RECORD["classification"]
    for item in line["audiences"]:  # type: ignore[attr-defined]
        assert {
            "audience", "order", "deadline_hours", "who", "know_or_need", "feel", "motivate", "values", "stance",
            "target", "channels", "spokesperson", "do", "dont", "message",
        } <= set(item)  # fmt: skip
        assert item["message"].strip()
        assert item["stance"] in ("negative", "neutral", "positive")


def test_the_plan_in_english_uses_the_english_name_and_no_silent_translation() -> None:
    (line,), _, _ = _run(RECORD, lang="en")

    message = line["audiences"][0]["message"]  # type: ignore[index]
    assert "Suiguang Stoves" in message
    assert "[[fact F1 to put into English]]" in message


def test_the_command_writes_the_drafts_of_a_firm_in_taiwan_in_traditional_characters_and_says_so() -> None:
    fact = {"hours": 1, "claim": "一戶人家的瓦斯爐爆炸，一人受傷", "status": "confirmed"}
    org = {"name": "星爐燃具", "industry": "家電", "regions": ["台南"]}

    (line,), _, _ = _run(RECORD | {"org": org, "facts": [fact]})
    (english,), _, _ = _run(RECORD | {"org": org, "facts": [fact]}, lang="en")

    first = line["audiences"][0]  # type: ignore[index]
    assert first["script"] == "zh-Hant-TW"
    assert "· 一戶人家的瓦斯爐爆炸，一人受傷。" in first["message"]
    assert "已經核實：" in first["message"]
    assert english["audiences"][0]["script"] is None  # type: ignore[index]


def test_the_command_names_the_places_for_which_no_reminder_is_kept() -> None:
    org = {"name": "穗光燃具", "industry": "家电", "regions": ["杭州", "Brazil", "云岭县"]}

    (line,), _, _ = _run(RECORD | {"org": org}, lang="en")

    assert {item["jurisdiction"] for item in line["legal"]} == {"CN", "ANY"}  # type: ignore[attr-defined]
    assert line["legal_missing"] == ["Brazil"]
    assert line["legal_unplaced"] == ["云岭县"]


def test_without_a_classification_the_case_is_classified() -> None:
    record = {name: value for name, value in RECORD.items() if name != "classification"}

    (line,), status, _ = _run(record)

    assert status == 0
    assert line["classification"]["primary"] in list(CrisisType)  # type: ignore[index]


def test_a_bad_line_is_named_and_the_good_one_still_answered() -> None:
    bad = RECORD | {"classification": {"primary": "round"}}

    lines, status, said = _run(bad, RECORD)

    assert [line["id"] for line in lines] == ["stove"]
    assert status == 1
    assert "line 1: classification.primary: not one of" in said
