"""What follows when a fact changes."""

from __future__ import annotations

import pytest

from crisis.core.case import FactStatus
from crisis.core.incident import Incident
from crisis.errors import Invalid
from crisis.flows import facts
from crisis.flows.facts import NewFact
from crisis.store import incidents, records
from tests.world import BEGIN, World


def cause(claim: str, status: FactStatus) -> NewFact:
    return NewFact(claim_zh=claim, source="消防", as_of=BEGIN, status=status, is_cause=True)


@pytest.mark.parametrize("successor", [FactStatus.UNCONFIRMED, FactStatus.CONFIRMED])
def test_a_cause_is_established_as_long_as_a_fact_in_force_confirms_it(world: World, successor: FactStatus) -> None:
    incident = world.room()
    facts.add(world.desk, incident.key, cause("起火原因是胶管老化", FactStatus.CONFIRMED), by=world.lin)
    with world.desk.reading() as db:
        assert records.get(db, Incident, incident.id).cause_established

    facts.supersede(world.desk, incident.key, 1, cause("原因仍在查", successor), by=world.lin, seen=1)

    with world.desk.reading() as db:
        established = records.get(db, Incident, incident.id).cause_established
        old, _new = incidents.facts(db, incident.id)
    assert established == (successor is FactStatus.CONFIRMED)
    assert (old.status, old.superseded_by) == (FactStatus.SUPERSEDED, 2)


def test_no_fact_is_added_as_superseded(world: World) -> None:
    incident = world.room()

    with pytest.raises(Invalid):
        facts.add(world.desk, incident.key, cause("x", FactStatus.SUPERSEDED), by=world.lin)
