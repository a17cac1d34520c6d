"""Hubs: the desk subscribes, proves that it asked, takes signed pushes, renews, and polls on when a hub is silent."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from crisis.core.sources import Source, StoredArticle, StoredMention
from crisis.core.subscription import POLLED_EVERY, Push, StoredSubscription
from crisis.flows import hubs, sources
from crisis.flows.desk import Desk
from crisis.store import records, schema
from crisis.web.app import create_app
from monitors.websub import SubscriptionState
from tests.flows.listened import listen
from tests.shelf import Request, Shelf, answer
from tests.web.browsers import Browser
from tests.world import Clock, World, add_source, lay_out

ITEM = "<item><title>{title}</title><guid>{guid}</guid></item>"


def feed(hub: str, *titles: str) -> bytes:
    items = "".join(ITEM.format(title=title, guid=title) for title in titles)
    link = f'<atom:link rel="hub" href="{hub}"/>' if hub else ""
    return (
        f'<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>x</title>{link}{items}</channel></rss>'.encode()
    )


class Hub(Shelf):
    """A publisher and its hub on this machine: it serves a feed and remembers the forms it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 202
        self.forms: list[dict[str, str]] = []
        self.url = f"{self.base}/hub"
        self.publish(feed(self.url, "天气"))

    def publish(self, document: bytes) -> None:
        self.documents["/feed"] = ("application/rss+xml", document)

    def post(self, request: Request, body: bytes) -> None:
        self.forms.append({name: values[0] for name, values in parse_qs(body.decode()).items()})
        answer(request, self.status)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as made:
        yield made


@pytest.fixture
def public(make_desk: Callable[..., Desk], clock: Clock) -> World:
    """A desk that hubs can reach."""
    return lay_out(make_desk(base_url="https://desk.example"), clock)


def subscription(desk: Desk) -> StoredSubscription:
    with desk.reading() as db:
        (found,) = records.find(db, StoredSubscription)
        return found


def titles(desk: Desk) -> list[str]:
    with desk.reading() as db:
        return [article.title for article in records.find(db, StoredArticle)]


def https(desk: Desk) -> StoredSubscription:
    """The subscription as if its hub spoke https: only then may a secret be sent, and a push be believed."""
    with desk.transaction() as db:
        db.execute(schema.subscription.update().values(hub="https://hub.example/"))
    return subscription(desk)


def subscribed(world: World, hub: Hub) -> tuple[Browser, StoredSubscription]:
    """A source whose hub has confirmed."""
    add_source(world.desk, f"{hub.base}/feed")
    listen(world.desk, rounds=2)
    browser = Browser(create_app(world.desk), world.desk)
    item = https(world.desk)
    answer = browser.get(
        f"/websub/{item.token}",
        query_string={
            "hub.mode": "subscribe",
            "hub.topic": item.topic,
            "hub.challenge": "echo <b>me</b>",
            "hub.lease_seconds": "864000",
        },
    )
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "echo <b>me</b>")
    assert answer.mimetype == "text/plain"
    return browser, subscription(world.desk)


def push(browser: Browser, item: StoredSubscription, body: bytes, *, secret: str = "", method: str = "sha256") -> int:
    digest = hmac.new((secret or item.secret).encode(), body, getattr(hashlib, method)).hexdigest()
    return browser.client.post(
        f"/websub/{item.token}",
        data=body,
        headers={"X-Hub-Signature": f"{method}={digest}", "Content-Type": "application/rss+xml"},
    ).status_code


def test_a_hub_that_a_feed_names_is_asked_with_an_address_nobody_can_guess(public: World, hub: Hub) -> None:
    add_source(public.desk, f"{hub.base}/feed")

    listen(public.desk, rounds=3)

    (form,) = hub.forms
    item = subscription(public.desk)
    assert form["hub.mode"] == "subscribe"
    assert form["hub.topic"] == f"{hub.base}/feed"
    assert form["hub.callback"] == f"https://desk.example/websub/{item.token}"
    assert len(item.token) >= 40
    # Over plain http a secret would be read on the way.
    assert "hub.secret" not in form


def test_without_a_public_address_nobody_is_asked(world: World, hub: Hub) -> None:
    add_source(world.desk, f"{hub.base}/feed")

    listen(world.desk, rounds=3)

    assert hub.forms == []
    with world.desk.reading() as db:
        assert records.find(db, StoredSubscription) == ()


def test_a_drill_subscribes_to_nothing(make_desk: Callable[..., Desk], clock: Clock, hub: Hub) -> None:
    desk = make_desk(base_url="https://desk.example", drill=True)
    lay_out(desk, clock)
    add_source(desk, f"{hub.base}/feed")

    listen(desk, rounds=3)

    assert hub.asked.count("/feed") == 1
    assert hub.forms == []


def test_a_hub_inside_our_own_network_is_never_asked(public: World, hub: Hub) -> None:
    hub.publish(feed("http://169.254.169.254/hub", "天气"))
    add_source(public.desk, f"{hub.base}/feed")

    listen(public.desk, rounds=2)

    assert subscription(public.desk).state is SubscriptionState.DENIED


def test_a_signed_push_becomes_a_mention_with_its_evidence(public: World, hub: Hub) -> None:
    browser, item = subscribed(public, hub)
    body = feed("", "星炉灶具爆炸，两人受伤")

    assert push(browser, item, body) == 202
    listen(public.desk)

    assert titles(public.desk) == ["天气", "星炉灶具爆炸，两人受伤"]
    with public.desk.reading() as db:
        assert len(records.find(db, StoredMention)) == 1
        assert records.find(db, Push) == ()
        newest = records.find(db, StoredArticle)[-1]
        assert newest.evidence_id is not None


def test_a_push_is_taken_in_once_and_polling_doubles_nothing(public: World, hub: Hub) -> None:
    browser, item = subscribed(public, hub)
    body = feed(hub.url, "天气", "星炉")
    hub.publish(body)

    push(browser, item, body)
    push(browser, item, body)
    listen(public.desk)
    public.clock.pass_by(timedelta(days=1))
    listen(public.desk)

    assert titles(public.desk) == ["天气", "星炉"]


@pytest.mark.parametrize("method", ["sha1", "sha384", "sha512"])
def test_every_method_of_the_specification_is_understood(public: World, hub: Hub, method: str) -> None:
    browser, item = subscribed(public, hub)

    push(browser, item, feed("", "星炉"), method=method)

    with public.desk.reading() as db:
        assert len(records.find(db, Push)) == 1


def test_a_push_with_a_wrong_signature_is_answered_alike_and_dropped(public: World, hub: Hub) -> None:
    browser, item = subscribed(public, hub)
    body = feed("", "假新闻：星炉")

    answers = {push(browser, item, body), push(browser, item, body, secret="guessed")}
    unsigned = browser.client.post(f"/websub/{item.token}", data=body, content_type="application/rss+xml")

    assert answers == {202} and unsigned.status_code == 202
    with public.desk.reading() as db:
        assert len(records.find(db, Push)) == 1


def test_a_form_that_pretends_to_be_a_push_is_dropped_too(public: World, hub: Hub) -> None:
    browser, item = subscribed(public, hub)

    answer = browser.client.post(f"/websub/{item.token}", data={"a": "\0", "csrf": "x"})

    assert answer.status_code == 202
    with public.desk.reading() as db:
        assert records.find(db, Push) == ()


def test_a_push_that_is_too_large_is_refused(public: World, hub: Hub) -> None:
    browser, item = subscribed(public, hub)

    assert push(browser, item, b"x" * (hubs.MOST_PUSH_BYTES + 1)) == 413


def test_pushes_that_nobody_hears_do_not_pile_up(public: World, hub: Hub) -> None:
    browser, _ = subscribed(public, hub)

    for number in range(hubs.MOST_WAITING + 5):
        assert push(browser, subscription(public.desk), feed("", f"n{number}")) == 202

    with public.desk.reading() as db:
        assert len(records.find(db, Push)) == hubs.MOST_WAITING


def test_a_push_that_is_no_feed_stands_in_the_ledger(public: World, hub: Hub) -> None:
    browser, item = subscribed(public, hub)

    push(browser, item, b"<html><body>maintenance</body></html>")
    listen(public.desk)

    with public.desk.reading() as db:
        assert records.find(db, Push) == ()
        assert [row.why.split()[0] for row in db.execute(schema.dropped.select())] == ["html_page"]


def test_nobody_subscribes_us_to_what_we_did_not_ask_for(public: World, hub: Hub) -> None:
    browser, item = subscribed(public, hub)
    query = {"hub.mode": "subscribe", "hub.topic": "https://evil.example/", "hub.challenge": "x"}

    assert browser.get(f"/websub/{item.token}", query_string=query).status_code == 404
    assert browser.get("/websub/unknown", query_string=query | {"hub.topic": item.topic}).status_code == 404
    assert push(browser, StoredSubscription(source_id=1, token="no", hub="", topic="", secret="x"), b"x") == 404


def test_a_source_that_is_switched_off_is_not_pushed_either(public: World, hub: Hub) -> None:
    browser, item = subscribed(public, hub)
    with public.desk.transaction() as db:
        db.execute(schema.source.update().values(active=False))

    assert push(browser, item, feed("", "星炉")) == 410


def test_the_lease_of_a_source_that_is_switched_off_is_given_back_and_asked_for_again_when_it_is_switched_on(
    public: World, hub: Hub
) -> None:
    browser, item = subscribed(public, hub)
    with public.desk.transaction() as db:
        db.execute(schema.subscription.update().values(hub=hub.url))
    asked = len(hub.forms)

    sources.set_active(public.desk, item.source_id, by=public.wu, active=False)
    listen(public.desk, rounds=3)

    (form,) = hub.forms[asked:]
    assert (form["hub.mode"], form["hub.topic"]) == ("unsubscribe", item.topic)
    assert form["hub.callback"] == f"https://desk.example/websub/{item.token}"
    query = {"hub.mode": "unsubscribe", "hub.topic": item.topic, "hub.challenge": "bye"}
    assert browser.get(f"/websub/{item.token}", query_string=query).get_data(as_text=True) == "bye"
    assert push(browser, item, feed("", "星炉")) == 410

    sources.set_active(public.desk, item.source_id, by=public.wu, active=True)
    listen(public.desk, rounds=2)

    assert [sent["hub.mode"] for sent in hub.forms[asked:]] == ["unsubscribe", "subscribe"]
    assert subscription(public.desk).state is SubscriptionState.ASKED


def test_a_hub_that_does_not_hear_that_we_have_ended_is_not_asked_again(public: World, hub: Hub) -> None:
    _, item = subscribed(public, hub)
    with public.desk.transaction() as db:
        db.execute(schema.subscription.update().values(hub=hub.url))
    hub.status = 500
    asked = len(hub.forms)
    sources.set_active(public.desk, item.source_id, by=public.wu, active=False)

    listen(public.desk)
    public.clock.pass_by(timedelta(days=2))
    listen(public.desk)

    assert len(hub.forms) == asked + 1
    assert subscription(public.desk).state is SubscriptionState.ENDED


def test_a_source_whose_hub_speaks_is_polled_seldom_and_one_whose_lease_ran_out_as_ever(
    public: World, hub: Hub
) -> None:
    browser, item = subscribed(public, hub)
    push(browser, item, feed("", "星炉"))
    listen(public.desk)
    with public.desk.transaction() as db:
        db.execute(schema.source.update().values(due_at=public.clock()))
    listen(public.desk)

    with public.desk.reading() as db:
        (source,) = records.find(db, Source)
    assert source.due_at - public.clock() >= POLLED_EVERY * 0.85
    assert not subscription(public.desk).speaks(public.clock() + timedelta(days=11))


def test_a_lease_is_renewed_before_it_runs_out(public: World, hub: Hub) -> None:
    subscribed(public, hub)
    with public.desk.transaction() as db:
        db.execute(schema.subscription.update().values(hub=hub.url))
    asked = len(hub.forms)

    public.clock.pass_by(timedelta(days=9))
    listen(public.desk, rounds=2)

    assert len(hub.forms) == asked + 1
    assert subscription(public.desk).state is SubscriptionState.ACTIVE


def test_a_hub_that_refuses_is_asked_again_after_half_a_day(public: World, hub: Hub) -> None:
    hub.status = 500
    add_source(public.desk, f"{hub.base}/feed")
    listen(public.desk, rounds=3)
    assert (subscription(public.desk).state, len(hub.forms)) == (SubscriptionState.DENIED, 1)

    public.clock.pass_by(timedelta(hours=25))
    listen(public.desk)

    assert len(hub.forms) == 2
