"""The audience plan follows the judgement; what people wrote stays, with what the plan says now beside it."""

from __future__ import annotations

from dataclasses import replace

from crisis.core.audienceplan import AudienceEntry
from crisis.core.case import CreditKind, CrisisType
from crisis.core.incident import Incident
from crisis.flows import audiences, judgement, responses
from crisis.store import incidents, log, records
from tests.world import World


def plan_of(world: World, incident: Incident) -> dict[str, AudienceEntry]:
    with world.desk.reading() as db:
        return {entry.audience: entry for entry in incidents.audiences(db, incident.id)}


def to_credit(world: World, incident: Incident) -> None:
    judgement.overrule(
        world.desk,
        incident.key,
        by=world.lin,
        primary=CrisisType.CREDIT,
        secondary=(),
        credit_kind=CreditKind.LENDING,
        reason="x",
        since=0,
    )


def wanted(world: World, incident: Incident) -> dict[str, str]:
    """What the analysis asks each audience to know, by the judgement in force."""
    with world.desk.reading() as db:
        standing = judgement.standing(incidents.classifications(db, incident.id))
        assert standing is not None
        found = audiences.analysis(world.desk, db, incident, standing, now=world.clock.at)
    return {plan.audience: plan.know_or_need["zh"] for plan in found.audiences}


def test_the_plan_follows_an_officer_who_overrules(world: World) -> None:
    incident = world.incident()
    before = plan_of(world, incident)

    to_credit(world, incident)

    after, asked = plan_of(world, incident), wanted(world, incident)
    assert {name for name, entry in after.items() if not entry.left_out} == set(asked)
    assert {name: after[name].know for name in asked} == asked
    assert before != after


def test_what_a_person_wrote_stays_and_shows_what_the_plan_says_now(world: World) -> None:
    incident = world.incident()
    entry = plan_of(world, incident)["customers"]
    with world.desk.transaction() as db:
        records.save(db, replace(entry, know="我们自己的话"))

    to_credit(world, incident)

    kept = plan_of(world, incident)["customers"]
    assert (kept.know, kept.who, kept.feel) == ("我们自己的话", entry.who, entry.feel)
    assert kept.suggestion("know", "zh") == wanted(world, incident)["customers"]
    assert kept.answer("who", "en") == entry.answer("who", "en"), "what is as planned is known in both languages"


def test_an_audience_that_was_told_keeps_what_it_was_told(world: World) -> None:
    incident = world.incident()
    responses.told(world.desk, incident.key, "customers", by=world.lin, how="电话")
    entry = plan_of(world, incident)["customers"]

    to_credit(world, incident)

    kept = plan_of(world, incident)["customers"]
    assert (kept.know, kept.told_at, kept.left_out) == (entry.know, entry.told_at, False)


def test_a_plan_that_is_up_to_date_is_not_written_again(world: World) -> None:
    incident = world.incident()
    before = plan_of(world, incident)

    audiences.redraft(world.desk, incident.key, by=world.lin)

    assert plan_of(world, incident) == before


def test_an_audience_taken_in_by_a_person_stays_in(world: World) -> None:
    incident = world.incident()
    left = next(name for name, entry in plan_of(world, incident).items() if entry.left_out)
    audiences.include(world.desk, incident.key, left, by=world.lin, reason="sie fragen")

    to_credit(world, incident)

    assert not plan_of(world, incident)[left].left_out


def test_evidence_is_brought_up_to_date_without_a_word_in_the_log(world: World) -> None:
    incident = world.incident()
    with world.desk.transaction() as db:
        (first,) = incidents.classifications(db, incident.id)
        told = len(log.of_incident(db, incident.id))
        judgement._refreshed(db, replace(first, evidence=()), replace(first, next_fact=None))
        (kept,) = incidents.classifications(db, incident.id)
        assert (kept.next_fact, kept.evidence) == (None, first.evidence)
        again = judgement.judge(world.desk, db, incident, now=world.clock.at)
        assert again.next_fact == first.next_fact
        assert incidents.classifications(db, incident.id) == (first,)
        assert len(log.of_incident(db, incident.id)) == told
