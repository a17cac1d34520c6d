"""Subscriptions at a hub: asked, verified, signed, renewed. All values."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.websub import (
    Subscription,
    SubscriptionState,
    is_live,
    pushed,
    refused,
    renewal_due,
    sound,
    subscribe,
    unsubscribe,
    verified,
)

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NEW = Subscription(
    hub="https://hub.example/",
    topic="https://news.example/订阅?a=1&b",
    callback="https://desk.example/push/x7",
    secret="s3",
)


def active(lease_s: str = "864000") -> Subscription:
    _, asked = subscribe(NEW, now=NOW)
    query = {"hub.mode": "subscribe", "hub.topic": NEW.topic, "hub.challenge": "c1", "hub.lease_seconds": lease_s}
    reply, made = verified(asked, query, now=NOW)
    assert (reply.status, reply.body) == (200, "c1") and made is not None
    return made


def test_the_form_says_what_we_want_and_the_secret_only_under_https() -> None:
    form, asked = subscribe(NEW, now=NOW)
    plain, _ = subscribe(replace(NEW, hub="http://hub.example/"), now=NOW)

    fields = parse_qs(form.decode())
    assert fields["hub.topic"] == [NEW.topic] and fields["hub.mode"] == ["subscribe"] and fields["hub.secret"] == ["s3"]
    assert "hub.secret" not in parse_qs(plain.decode())
    assert asked.state is SubscriptionState.ASKED and not is_live(asked, NOW)
    with pytest.raises(ValueError, match="200 bytes"):
        subscribe(replace(NEW, secret="密" * 70), now=NOW)


def test_a_verified_subscription_lives_as_long_as_its_lease() -> None:
    made = active()

    assert is_live(made, NOW + 9 * DAY) and not is_live(made, NOW + 10 * DAY)


@pytest.mark.parametrize("lease", ["", "0", "-5", "1", "99999999999", "9" * 40, "١٢٣٤", "soon"])
def test_a_strange_lease_is_bounded(lease: str) -> None:
    until = active(lease).lease_until

    assert until is not None and timedelta(hours=1) <= until - NOW <= 30 * DAY


@pytest.mark.parametrize(
    "query",
    [
        {"hub.mode": "subscribe", "hub.topic": "https://other.example/", "hub.challenge": "c"},
        {"hub.mode": "unsubscribe", "hub.topic": NEW.topic, "hub.challenge": "c"},
        {"hub.mode": "subscribe", "hub.topic": NEW.topic},
        {"hub.mode": "publish", "hub.topic": NEW.topic, "hub.challenge": "c"},
        {},
    ],
)
def test_nobody_can_subscribe_or_unsubscribe_us_to_what_we_did_not_ask(query: dict[str, str]) -> None:
    made = active()

    assert verified(made, query, now=NOW) == (verified(None, query, now=NOW)[0], made)
    assert verified(made, query, now=NOW)[0].status == 404


def test_a_denial_is_kept_with_its_reason_and_asked_again_later() -> None:
    reply, denied = verified(
        active(), {"hub.mode": "denied", "hub.topic": NEW.topic, "hub.reason": "not here"}, now=NOW
    )

    assert reply.status == 200 and denied is not None and denied.reason == "not here" and not is_live(denied, NOW)
    due = renewal_due(denied, now=NOW, jitter=0.5)
    assert due is not None and DAY / 2 <= due - NOW <= DAY
    assert refused(NEW, "500", now=NOW).state is SubscriptionState.DENIED


def test_a_renewal_that_is_refused_ends_nothing_before_the_lease_does() -> None:
    body = "公告".encode()
    signature = "sha256=" + hmac.new(b"s3", body, hashlib.sha256).hexdigest()
    _, renewing = subscribe(active(), now=NOW + 5 * DAY)

    after = refused(renewing, "503", now=NOW + 5 * DAY)

    assert is_live(after, NOW + 9 * DAY) and sound(after, body, signature) and after.reason == "503"
    again = renewal_due(after, now=NOW + 5 * DAY, jitter=0.0)
    assert again is not None and NOW + 5 * DAY < again < NOW + 10 * DAY
    assert refused(renewing, "503", now=NOW + 11 * DAY).state is SubscriptionState.DENIED


def test_what_we_have_ended_is_not_asked_for_again_because_its_hub_denies_it() -> None:
    _, ended = unsubscribe(active(), now=NOW)

    _, after = verified(ended, {"hub.mode": "denied", "hub.topic": NEW.topic}, now=NOW)

    assert after is not None and renewal_due(after, now=NOW, jitter=0.0) is None


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_only_what_the_hub_signed_is_sound(method: str) -> None:
    made, body = active(), "公告".encode()
    digest = hmac.new(b"s3", body, getattr(hashlib, method)).hexdigest()

    assert sound(made, body, f"{method}={digest}") and sound(made, body, f" {method.upper()}={digest.upper()} ")
    assert not sound(made, body + b" ", f"{method}={digest}")
    assert not sound(replace(made, secret="other"), body, f"{method}={digest}")
    assert not sound(replace(made, state=SubscriptionState.ENDED), body, f"{method}={digest}")
    assert pushed(made, now=NOW).heard_at == NOW


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.binary(max_size=50))
def test_no_other_text_is_a_signature(signature: str, body: bytes) -> None:
    assert not sound(active(), body, signature)
    assert not sound(replace(active(), secret=""), body, signature)
    assert not sound(active(), body, "md5=" + hashlib.md5(body).hexdigest())


def test_an_empty_secret_is_never_sound() -> None:
    digest = hmac.new(b"", b"x", hashlib.sha256).hexdigest()

    assert not sound(replace(active(), secret=""), b"x", f"sha256={digest}")


def test_a_lease_is_renewed_before_it_runs_out_and_stays_live_meanwhile() -> None:
    made = active()
    early, late = renewal_due(made, now=NOW, jitter=0.0), renewal_due(made, now=NOW, jitter=1.0)
    assert early == NOW + 5 * DAY and late == NOW + 7.5 * DAY

    _, renewing = subscribe(made, now=early)
    assert is_live(renewing, early)
    again = renewal_due(renewing, now=early, jitter=0.0)
    assert again is not None and early < again < NOW + 10 * DAY


def test_a_hub_that_never_answers_is_asked_again() -> None:
    _, asked = subscribe(NEW, now=NOW)

    assert renewal_due(NEW, now=NOW, jitter=0.0) == NOW
    assert renewal_due(asked, now=NOW, jitter=0.0) == NOW + timedelta(hours=6)


def test_an_ended_subscription_confirms_its_end_and_is_not_renewed() -> None:
    form, ended = unsubscribe(active(), now=NOW)

    assert parse_qs(form.decode())["hub.mode"] == ["unsubscribe"]
    assert renewal_due(ended, now=NOW, jitter=0.0) is None
    reply, after = verified(ended, {"hub.mode": "unsubscribe", "hub.topic": NEW.topic, "hub.challenge": "bye"}, now=NOW)
    assert reply.body == "bye" and after is not None and after.lease_until is None
    assert (
        verified(ended, {"hub.mode": "subscribe", "hub.topic": NEW.topic, "hub.challenge": "c"}, now=NOW)[0].status
        == 404
    )
