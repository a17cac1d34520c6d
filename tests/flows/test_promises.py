"""What was promised: a promise names a time that can still be kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crisis.errors import Invalid
from crisis.flows import responses
from tests.world import World


def test_a_promise_is_not_due_before_the_incident_began(world: World) -> None:
    incident = world.incident()
    with pytest.raises(Invalid, match="due_before_incident"):
        responses.promise(
            world.desk,
            incident.key,
            by=world.lin,
            text="每日十时通报",
            due_at=incident.t0_at - timedelta(minutes=1),
            owner_id=world.lin.id,
        )
