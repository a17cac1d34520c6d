"""An officer's word against the classifier is kept and comes up again; a change of mind is told with its reason."""

from __future__ import annotations

from crisis.core.case import CrisisType, FactStatus
from crisis.core.incident import Incident
from crisis.core.log import LogEntry
from crisis.flows import facts, judgement
from crisis.flows.facts import NewFact
from crisis.store import incidents, log
from tests.world import World

REASON = "胶管、气源和使用都有份，没有一个主因。"


def correct(world: World, incident: Incident) -> None:
    judgement.overrule(
        world.desk,
        incident.key,
        by=world.lin,
        primary=CrisisType.MATRIX,
        secondary=(),
        credit_kind=None,
        reason=REASON,
        since=0,
    )


def test_a_correction_comes_up_beside_an_incident_like_it(world: World) -> None:
    first, second = world.incident(), world.incident()
    correct(world, first)

    with world.desk.reading() as db:
        machine = incidents.classifications(db, second.id)[0]
        beside = judgement.corrections_beside(db, machine, person=world.lin)

    ((correction, likeness),) = beside
    assert (correction.case_id, correction.reason) == (first.key, REASON)
    assert (correction.said, correction.corrected) == (CrisisType.LINEAR, CrisisType.MATRIX)
    assert likeness > 0.9


def test_a_correction_is_not_shown_beside_its_own_incident_nor_to_those_who_may_not_know_of_it(world: World) -> None:
    first, second = world.incident(restricted=True), world.incident()
    correct(world, first)

    with world.desk.reading() as db:
        own, other = (incidents.classifications(db, item.id)[0] for item in (first, second))
        assert judgement.corrections_beside(db, own, person=world.lin) == ()
        assert judgement.corrections_beside(db, other, person=world.anna) == ()
        assert judgement.corrections_beside(db, None, person=world.lin) == ()


def test_what_changed_the_mind_of_the_classifier_stands_in_the_log(world: World) -> None:
    incident = world.incident()
    for claim in ("公司承认伪造检测报告，高层明知并隐瞒多年", "监管部门立案并处罚公司，撤销认证"):
        facts.add(
            world.desk,
            incident.key,
            NewFact(claim_zh=claim, status=FactStatus.CONFIRMED, source="通报", as_of=world.clock()),
            by=world.lin,
        )
    judgement.rejudge(world.desk, incident.id)

    with world.desk.reading() as db:
        told: list[LogEntry] = [
            entry for entry in reversed(log.of_incident(db, incident.id, limit=40)) if entry.verb == "classified"
        ]

    first, last = told[0], told[-1]
    assert "because_zh" not in first.args
    assert first.args["primary"] == "linear" and last.args["primary"] == "credit"
    assert last.args["because_zh"] and last.args["because_en"]
