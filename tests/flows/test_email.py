"""The mail channel by itself: what it refuses, and that nothing smuggles a header in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.channels import email
from crisis.channels.message import ChannelFailed, ChannelRefused, ChannelUncertain, Message
from tests.fakes import Mailbox, mail_server

MESSAGE = Message(
    id="release-1",
    title="致公众",
    text="今天上午九点……\n",
    lang="zh",
    audience="public",
    hash="a" * 64,
    at=datetime(2026, 5, 14, 1, 0, tzinfo=UTC),
    drill=False,
    organisation="星炉炊具",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def mailbox(server: Mailbox) -> Mailbox:
    server.taken.clear()
    server.connections = 0
    server.at_recipient = server.at_data = server.hang_up = ""
    server.most = None
    return server


def send(message: Message, mailbox: Mailbox, **changes: Any) -> object:
    given: dict[str, Any] = {"to_name": "夜班", "to": "night@paper.example", "smtp": mailbox.smtp}
    with email.Post() as post:
        return email.send(message, **({"post": post, "before_data": lambda: None} | given | changes))


def test_a_played_message_is_refused_by_the_channel_itself(mailbox: Mailbox) -> None:
    with pytest.raises(ChannelRefused, match="drill"):
        send(replace(MESSAGE, drill=True), mailbox)

    assert mailbox.connections == 0


def test_without_a_mail_server_the_message_is_refused(mailbox: Mailbox) -> None:
    with pytest.raises(ChannelRefused):
        send(MESSAGE, mailbox, smtp={})


BREAKS = ["\r\nBcc: all@example.org", "\nX-Evil: 1", "\rX-Evil: 1", "\u2028X-Evil: 1", "\r\n\r\nbody"]


@pytest.mark.parametrize("smuggled", BREAKS)
@pytest.mark.parametrize("where", ["title", "organisation", "to_name", "to"])
def test_a_line_break_in_a_title_or_a_name_is_refused(mailbox: Mailbox, where: str, smuggled: str) -> None:
    with pytest.raises(ChannelRefused):
        if where in ("title", "organisation"):
            send(replace(MESSAGE, **{where: f"x{smuggled}"}), mailbox)  # type: ignore[arg-type]
        else:
            send(MESSAGE, mailbox, **{where: f"night@paper.example{smuggled}"})

    assert mailbox.taken == []


@given(st.text(max_size=80), st.text(max_size=60), st.text(max_size=40))
@settings(max_examples=80, deadline=None)
def test_whatever_stands_in_title_and_names_no_header_is_added_and_the_text_is_the_same(
    title: str, organisation: str, name: str
) -> None:
    plain = {"subject", "from", "to", "date", "message-id", "content-language", "x-statement-sha256"}
    mime = {"content-type", "content-transfer-encoding", "mime-version"}
    message = replace(MESSAGE, title=title, organisation=organisation)

    try:
        mail = email.compose(message, to_name=name, to="night@paper.example", sender="press@starhearth.example")
        from email import message_from_bytes, policy

        read = message_from_bytes(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")), policy=policy.default)
    except ChannelRefused:
        return

    assert {header.lower() for header in read} == plain | mime
    assert read.get_content().replace("\r\n", "\n") == MESSAGE.text


@pytest.mark.parametrize("address", ["", "nobody", "a b@x.example", "夜班@paper.example", "x@y.example>", "@", "a@b@c"])
def test_an_address_that_is_none_is_refused_not_tried_for_hours(mailbox: Mailbox, address: str) -> None:
    with pytest.raises(ChannelRefused):
        send(MESSAGE, mailbox, to=address)


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with pytest.raises(ChannelFailed):
        send(MESSAGE, Mailbox(), smtp={"host": "127.0.0.1", "port": 1, "sender": "press@starhearth.example"})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"at_recipient": "451 later"}, ChannelFailed),
        ({"at_recipient": "550 no"}, ChannelRefused),
        ({"at_data": "451 later"}, ChannelFailed),
        ({"at_data": "554 no"}, ChannelRefused),
        ({"hang_up": "before"}, ChannelFailed),
        ({"hang_up": "after"}, ChannelUncertain),
    ],
)
def test_what_the_server_does_says_whether_it_may_have_arrived(
    mailbox: Mailbox, answer: dict[str, str], error: type[Exception]
) -> None:
    for name, value in answer.items():
        setattr(mailbox, name, value)

    with pytest.raises(error):
        send(MESSAGE, mailbox)


def test_one_mail_keeps_its_name_and_two_recipients_get_different_ones() -> None:
    def name(to: str) -> str:
        return str(email.compose(MESSAGE, to_name="x", to=to, sender="press@starhearth.example")["Message-ID"])

    assert name("a@x.example") == name("a@x.example") != name("b@x.example")


def test_a_password_does_not_travel_unencrypted(mailbox: Mailbox) -> None:
    open_server = {"host": "mail.example", "port": 25, "sender": "a@b.example", "user": "u", "password": "p"}
    with pytest.raises(ChannelRefused, match="unencrypted"):
        send(MESSAGE, mailbox, smtp=open_server)


# One line for several mails


def test_mails_that_follow_each_other_go_over_one_line(mailbox: Mailbox) -> None:
    with email.Post() as post:
        for number in range(5):
            send(MESSAGE, mailbox, to=f"r{number}@paper.example", post=post)

    assert [mail["To"].addresses[0].addr_spec[:2] for mail in mailbox.taken] == ["r0", "r1", "r2", "r3", "r4"]
    assert mailbox.connections == 1


def test_a_line_that_the_server_has_dropped_meanwhile_is_opened_anew_and_the_mail_goes_once(mailbox: Mailbox) -> None:
    begun: list[int] = []
    with email.Post() as post:
        send(MESSAGE, mailbox, post=post)
        mailbox.drop_all()
        send(MESSAGE, mailbox, to="other@paper.example", post=post, before_data=lambda: begun.append(1))

    assert (len(mailbox.taken), mailbox.connections, begun) == (2, 2, [1])


@pytest.mark.parametrize(
    ("where", "says"),
    [
        *product(("sender", "recipient"), ("421 too many mails on this line", "452 no more", "554 enough")),
        ("text", "503 need RCPT command"),
    ],
)
def test_a_server_that_takes_only_so_many_mails_a_line_gets_them_over_several(
    mailbox: Mailbox, where: str, says: str
) -> None:
    mailbox.most, mailbox.says_at_most = 2, (where, says)
    begun: list[int] = []
    with email.Post() as post:
        for number in range(5):
            send(MESSAGE, mailbox, to=f"r{number}@paper.example", post=post, before_data=lambda: begun.append(1))

    assert (len(mailbox.taken), mailbox.connections, len(begun)) == (5, 3, 5)


def test_a_refused_recipient_is_refused_also_behind_others_and_those_after_it_get_theirs(mailbox: Mailbox) -> None:
    with email.Post() as post:
        send(MESSAGE, mailbox, post=post)
        mailbox.at_recipient = "550 nobody here"
        with pytest.raises(ChannelRefused):
            send(MESSAGE, mailbox, to="nobody@paper.example", post=post)
        mailbox.at_recipient = ""
        send(MESSAGE, mailbox, to="third@paper.example", post=post)

    assert [mail["To"].addresses[0].addr_spec for mail in mailbox.taken] == [
        "night@paper.example",
        "third@paper.example",
    ]


def test_a_line_that_breaks_after_the_text_leaves_that_mail_uncertain_and_is_not_asked_again(mailbox: Mailbox) -> None:
    with email.Post() as post:
        send(MESSAGE, mailbox, post=post)
        mailbox.hang_up = "after"
        with pytest.raises(ChannelUncertain):
            send(MESSAGE, mailbox, to="second@paper.example", post=post)
        mailbox.hang_up = ""
        send(MESSAGE, mailbox, to="third@paper.example", post=post)

    assert [mail["To"].addresses[0].addr_spec[:3] for mail in mailbox.taken] == ["nig", "sec", "thi"]


def test_changed_settings_are_another_line(mailbox: Mailbox) -> None:
    with email.Post() as post:
        send(MESSAGE, mailbox, post=post)
        send(MESSAGE, mailbox, post=post, smtp=mailbox.smtp | {"sender": "desk@starhearth.example"})

    assert mailbox.connections == 2


def test_a_withdrawal_between_two_mails_stops_the_second_and_closes_the_line(mailbox: Mailbox) -> None:
    class Withdrawn(Exception):
        pass

    def stop() -> None:
        raise Withdrawn

    with email.Post() as post:
        send(MESSAGE, mailbox, post=post)
        with pytest.raises(Withdrawn):
            send(MESSAGE, mailbox, to="second@paper.example", post=post, before_data=stop)
        assert not post.holds(mailbox.smtp)

    assert len(mailbox.taken) == 1
