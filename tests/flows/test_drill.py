"""In a drill nothing leaves the building, and everything that is made says that it is a drill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crisis.channels import email
from crisis.channels.message import ChannelRefused, Message
from crisis.core.release import Delivery, DeliveryState, Release
from crisis.core.statement import ChannelKind
from crisis.errors import NotPermitted
from crisis.flows import deliveries, people
from crisis.flows.desk import Desk
from crisis.jobs.listening import is_loopback
from crisis.jobs.worker import run_until_idle
from crisis.store import records, views
from tests.fakes import mail_server
from tests.world import Clock, World, add_recipient, lay_out

ALL = (ChannelKind.NEWSROOM, ChannelKind.FILE, ChannelKind.EMAIL)


def test_no_message_can_leave_a_drill(make_desk: Callable[..., Desk], clock: Clock, tmp_path: Path) -> None:
    with mail_server() as mailbox:
        world = lay_out(make_desk(drill=True), clock, smtp=mailbox.smtp)
        for number in range(3):
            add_recipient(world.desk, f"outlet {number}", f"night{number}@paper.example")
        made = world.released(world.room(), channels=ALL)
        run_until_idle(world.desk)
        with world.desk.reading() as db:
            found = records.find(db, Delivery)
        for delivery in found:
            deliveries.deliver(world.desk, delivery.id)
        # A desk that no longer knows that it is a drill still sends nothing of what was released in one.
        real = make_desk(drill=False)
        with real.transaction() as db:
            for delivery in records.find(db, Delivery, channel="email"):
                from dataclasses import replace

                records.save(db, replace(delivery, state=DeliveryState.WAITING))
        for delivery in found:
            deliveries.deliver(real, delivery.id)
        with pytest.raises(ChannelRefused):
            email.send(
                Message(
                    id="x",
                    title="x",
                    text="x",
                    lang="zh",
                    audience="public",
                    hash="",
                    at=made.at,
                    drill=made.drill,
                    organisation="x",
                ),
                to_name="x",
                to="night@paper.example",
                smtp=mailbox.smtp,
                before_data=lambda: None,
                post=email.Post(),
            )

        assert mailbox.connections == 0
        assert mailbox.taken == []

    with world.desk.reading() as db:
        states = {(item.channel, item.state) for item in records.find(db, Delivery)}
        assert views.left_building(db) == 0
    assert states == {
        ("newsroom", DeliveryState.SENT),
        ("file", DeliveryState.SENT),
        ("email", DeliveryState.REFUSED),
    }


def test_a_drill_marks_its_release_and_its_file(make_desk: Callable[..., Desk], clock: Clock, tmp_path: Path) -> None:
    world = lay_out(make_desk(drill=True), clock)
    world.released(world.room())
    run_until_idle(world.desk)

    with world.desk.reading() as db:
        (made,) = records.find(db, Release)
    (file,) = (tmp_path / "released").iterdir()
    text = file.read_text(encoding="utf-8")
    assert made.drill
    assert text.startswith("演练 DRILL\n")
    assert "【演练 DRILL】致公众" in text
    assert text.endswith(made.text)


def test_what_is_real_carries_no_mark(world: World, tmp_path: Path) -> None:
    world.released(world.room())
    run_until_idle(world.desk)

    (file,) = (tmp_path / "released").iterdir()

    assert "DRILL" not in file.read_text(encoding="utf-8")


def test_signing_in_by_a_click_is_for_the_drill_only(world: World, make_desk: Callable[..., Desk]) -> None:
    with pytest.raises(NotPermitted):
        people.sign_in_by_click(world.desk, world.lin.id)

    assert people.sign_in_by_click(make_desk(drill=True), world.lin.id)


@pytest.mark.parametrize(
    ("url", "is_this_machine"),
    [
        ("http://127.0.0.1:8000/feed", True),
        ("http://[::1]:8000/feed", True),
        ("http://localhost/feed", False),
        ("http://127.0.0.1.example.org/feed", False),
        ("http://127.0.0.1@example.org/feed", False),
        ("https://example.org/127.0.0.1", False),
    ],
)
def test_a_drill_asks_this_machine_only(url: str, is_this_machine: bool) -> None:
    assert is_loopback(url) == is_this_machine
