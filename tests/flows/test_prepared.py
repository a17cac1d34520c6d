"""What cases and texts are read with is loaded before the transaction that judges: others wait for its turn."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from crisis.content.likeness import LabelledSentences, load_likeness
from crisis.content.roots import builtin
from crisis.core.case import CrisisType
from crisis.core.incident import Incident
from crisis.core.statement import Statement
from crisis.flows import audiences, facts, judgement, statements, triage
from crisis.flows.facts import NewFact
from tests.readers import ReadsCases, Says
from tests.world import World

LONG = "我们向受伤的家庭道歉。\n事故原因尚未查明。\n请立即停止使用。\n今天18:00再通报。\n星炉炊具\n"


@pytest.fixture
def happened() -> list[str]:
    return []


@pytest.fixture
def noting(world: World, happened: list[str]) -> World:
    """The world with a reader that notes what it does, and a desk that notes when a transaction begins."""
    checks = world.desk.content.checks
    assert checks.likeness is not None
    checks = replace(checks, likeness=replace(checks.likeness, reads=Says({}, happened)))
    rules = replace(world.desk.content.rules, reader=ReadsCases({}, happened))
    cards = replace(world.desk.content.audiences, reader=ReadsCases({}, happened))
    content = replace(world.desk.content, checks=checks, rules=rules, audiences=cards)
    desk = replace(world.desk, content=content, fence=lambda db: happened.append("transaction"))
    return replace(world, desk=desk)


def _draft(world: World, statement: Statement, key: str) -> object:
    return statements.draft(world.desk, key, by=world.lin, audience="public", lang="zh", kind="holding")


def _edit(world: World, statement: Statement, key: str) -> object:
    return statements.edit(
        world.desk, key, statement.number, by=world.lin, text=f"又：{LONG}", seen_revision=statement.revision
    )


def _submit(world: World, statement: Statement, key: str) -> object:
    return statements.submit(world.desk, key, statement.number, by=world.lin)


@pytest.mark.parametrize("act", [_draft, _edit, _submit])
def test_what_checks_read_with_is_loaded_before_a_transaction_begins(
    noting: World, happened: list[str], act: Callable[[World, Statement, str], object]
) -> None:
    incident = noting.incident()
    statement = noting.draft(incident, text=LONG)
    happened.clear()

    act(noting, statement, incident.key)

    assert happened[:4] == ["loaded", "loaded", "loaded", "transaction"]
    assert "read" in happened[4:]


def _fact(world: World, incident: Incident) -> object:
    typed = NewFact(claim_zh="胶管老化", source="消防", as_of=world.clock())
    return facts.add(world.desk, incident.key, typed, by=world.lin)


def _rejudge(world: World, incident: Incident) -> object:
    judgement.rejudge(world.desk, incident.id)
    return None


def _declare(world: World, incident: Incident) -> object:
    return triage.declare(world.desk, world.story().id, by=world.lin, title="又一件", regions=("杭州",))


def _merge(world: World, incident: Incident) -> object:
    return triage.merge(world.desk, world.story().id, by=world.lin, incident_key=incident.key)


def _overrule(world: World, incident: Incident) -> object:
    return judgement.overrule(
        world.desk,
        incident.key,
        by=world.lin,
        primary=CrisisType.MATRIX,
        secondary=(),
        credit_kind=None,
        reason="多方有责",
        since=0,
    )


def _redraft(world: World, incident: Incident) -> object:
    audiences.redraft(world.desk, incident.key, by=world.lin)
    return None


@pytest.mark.parametrize("act", [_rejudge, _declare, _merge])
def test_the_texts_of_a_case_that_may_be_new_are_read_before_a_transaction_begins(
    noting: World, happened: list[str], act: Callable[[World, Incident], object]
) -> None:
    incident = noting.incident()
    given: list[str] = []

    def encode(texts: Sequence[str]) -> None:
        given.extend(texts)
        happened.append("encoded")

    world = replace(noting, desk=replace(noting.desk, content=replace(noting.desk.content, encode=encode)))
    happened.clear()

    act(world, incident)

    before = happened[: happened.index("encoded")]
    assert before[-3:] == ["loaded", "loaded", "loaded"]
    assert happened[len(before) + 1] == "transaction"
    assert len(given) == 1 and "爆炸" in given[0]


@pytest.mark.parametrize("act", [_fact, _rejudge, _declare, _merge, _overrule, _redraft])
def test_what_cases_are_read_with_is_loaded_before_a_transaction_begins(
    noting: World, happened: list[str], act: Callable[[World, Incident], object]
) -> None:
    incident = noting.incident()
    happened.clear()

    act(noting, incident)

    before = happened[: happened.index("read")]
    assert before[-4:] == ["loaded", "loaded", "loaded", "transaction"]


def test_nothing_is_loaded_after_the_preparation(tmp_path: Path) -> None:
    shutil.copytree(builtin("playbooks") / "likeness", tmp_path / "likeness")
    likeness = load_likeness(tmp_path)
    assert likeness is not None and isinstance(likeness.reads, LabelledSentences)

    likeness.reads.prepare()
    shutil.rmtree(tmp_path / "likeness")

    (score,) = likeness.reads(["it was probably user error."])
    assert score["SC15"] > score["SC52"]
    assert likeness.reads.alike("it was probably user error.", "SC15", "en")
