"""What strangers and broken programs send: signing in, cookies, headers, hostile texts, junk in every form."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from crisis.core.people import Person
from crisis.errors import Invalid
from crisis.flows import ingest, people, statements
from crisis.flows.desk import Desk
from crisis.store import people as guesses
from crisis.store import records
from crisis.web.app import MAX_FORM_BYTES, MAX_READ_BYTES, create_app
from monitors.feeds import parse
from tests.flows.test_ingest import body, opened
from tests.web.browsers import Browser
from tests.world import PASSWORD, Clock, World, add_source, lay_out

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


def sign_in(browser: Browser, *, email: str = "lin@starhearth.example", password: str = PASSWORD, **more: Any) -> Any:
    browser.token()
    return browser.post("/sign-in", {"email": email, "password": password, **more})


def test_the_right_password_opens_a_session_and_the_wrong_one_does_not(world: World, app: Flask) -> None:
    browser = Browser(app, world.desk)

    assert sign_in(browser, password="wrong").status_code == 422
    assert browser.get("/i").status_code == 302
    assert sign_in(browser, email=" LIN@starhearth.example ").status_code == 303
    assert browser.get("/i").status_code == 200


def test_guesses_at_one_account_are_throttled_and_also_the_right_one_then_waits(world: World, app: Flask) -> None:
    browser = Browser(app, world.desk)
    for _ in range(people.GUESSES_PER_ACCOUNT):
        assert sign_in(browser, password="wrong").status_code == 422

    assert sign_in(browser).status_code == 422
    assert sign_in(Browser(app, world.desk), email="zhou@starhearth.example").status_code == 303
    world.clock.pass_by(people.GUESS_WINDOW + timedelta(seconds=1))
    assert sign_in(browser).status_code == 303


def test_strangers_who_are_turned_away_never_stand_in_the_way_of_those_who_write(world: World) -> None:
    begun: list[str] = []
    desk = replace(world.desk, fence=lambda db: begun.append("transaction"))
    stranger = Browser(create_app(desk), desk)
    for _ in range(people.GUESSES_PER_ACCOUNT):
        sign_in(stranger, password="guess guess guess")
    begun.clear()

    assert sign_in(stranger, password="guess guess guess").status_code == 422
    assert stranger.client.post("/websub/nobody-knows-it", data=b"x").status_code == 404
    assert stranger.get("/websub/nobody-knows-it").status_code == 404

    assert begun == []


def test_guesses_from_one_address_are_throttled_over_all_accounts(world: World) -> None:
    with world.desk.transaction() as db:
        earlier = ["address:192.0.2.1"] * (people.GUESSES_PER_ADDRESS - 3)
        guesses.add_guesses(db, earlier, at=world.clock.at)
    for number in range(3):
        with pytest.raises(Invalid, match="sign_in_wrong"):
            people.sign_in(world.desk, email=f"nobody{number}@x.example", password="x", address="192.0.2.1")

    with pytest.raises(Invalid, match="too_many_guesses"):
        people.sign_in(world.desk, email="lin@starhearth.example", password=PASSWORD, address="192.0.2.1")
    assert people.sign_in(world.desk, email="lin@starhearth.example", password=PASSWORD, address="192.0.2.2")


def test_a_session_ends_when_one_signs_out(world: World, app: Flask) -> None:
    browser = Browser(app, world.desk, world.lin)
    cookie = browser.client.get_cookie("desk", domain="localhost")
    assert cookie is not None

    assert browser.post("/sign-out").status_code == 303

    stolen = Browser(app, world.desk)
    stolen.client.set_cookie("desk", cookie.value, domain="localhost")
    assert stolen.get("/i").status_code == 302


@pytest.mark.parametrize(
    "end",
    [
        lambda world: people.set_password(world.desk, world.lin.id, "another-password", by=world.wu),
        lambda world: people.set_active(world.desk, world.lin.id, active=False, by=world.wu),
        lambda world: world.clock.pass_by(people.SESSION_LASTS + timedelta(seconds=1)),
    ],
    ids=["new password", "no longer active", "time"],
)
def test_a_session_ends_with_its_password_its_person_and_its_time(
    world: World, app: Flask, end: Callable[[World], object]
) -> None:
    browser = Browser(app, world.desk, world.lin)
    assert browser.get("/i").status_code == 200

    end(world)

    assert browser.get("/i").status_code == 302


def test_the_database_holds_no_token_that_could_be_used(world: World, app: Flask) -> None:
    from crisis.store import schema

    browser = Browser(app, world.desk, world.lin)
    cookie = browser.client.get_cookie("desk", domain="localhost")
    assert cookie is not None
    with world.desk.reading() as db:
        kept = [row.token_hash for row in db.execute(schema.session.select())]

    assert cookie.value not in kept and len(kept) == 1
    assert world.lin.password_hash.startswith("$argon2")


@pytest.mark.parametrize("base_url", ["", "https://desk.example"])
def test_the_session_cookie_is_for_this_site_and_not_for_scripts(world: World, app: Flask, base_url: str) -> None:
    answer = sign_in(Browser(app, world.desk))

    (cookie,) = [value for value in answer.headers.getlist("Set-Cookie") if value.startswith("desk=")]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_behind_https_cookies_are_for_https_only(make_desk: Callable[..., Desk], clock: Clock) -> None:
    from dataclasses import replace

    desk = make_desk()
    lay_out(desk, clock)
    desk = replace(desk, settings=replace(desk.settings, secure=True))
    browser = Browser(create_app(desk), desk)
    form = browser.get("/sign-in", base_url="https://localhost")
    answer = form.headers.getlist("Set-Cookie")

    assert answer and all("Secure" in value for value in answer)
    assert "Strict-Transport-Security" in form.headers


PAGES = ("/", "/i", "/inbox", "/approve", "/complaints", "/sources", "/setup", "/search?q=x", "/newsroom", "/sign-in",
         "/healthz", "/nothing-here", "/static/desk.css", "/newsroom/feed.zh.atom")  # fmt: skip


@pytest.mark.parametrize("url", PAGES)
def test_every_answer_forbids_foreign_scripts_and_frames(world: World, app: Flask, url: str) -> None:
    for person in (None, world.lin):
        answer = Browser(app, world.desk, person).get(url)

        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and "http" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_no_page_holds_a_script_or_a_style_of_its_own(world: World, app: Flask) -> None:
    incident = world.incident()
    browser = Browser(app, world.desk, world.lin)

    for url in (*PAGES, f"/i/{incident.key}", f"/i/{incident.key}/audiences", f"/i/{incident.key}/statements"):
        text = browser.get(url).get_data(as_text=True)
        if "<html" in text:
            assert "onclick=" not in text and "onload=" not in text and "javascript:" not in text, url
            assert "<script>" not in text, url


AWAY = ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "/\n/evil.example", "javascript:alert(1)", "evil.example", "/%09/evil.example"]  # fmt: skip


@pytest.mark.parametrize("away", AWAY)
def test_signing_in_never_leads_to_another_site(world: World, app: Flask, away: str) -> None:
    answer = sign_in(Browser(app, world.desk), next=away)

    assert answer.status_code == 303
    went = answer.headers["Location"]
    assert went.startswith("/") and not went.startswith(("//", "/\\"))
    assert "evil.example" not in went.split("/")[1] and "\t" not in went and "\n" not in went


@pytest.mark.parametrize("away", AWAY)
def test_the_drills_clock_never_leads_to_another_site(make_desk: Callable[..., Desk], clock: Clock, away: str) -> None:
    world = lay_out(make_desk(drill=True), clock)
    browser = Browser(create_app(world.desk), world.desk, world.lin)

    went = browser.post("/drill/speed", {"speed": "2", "back": away}).headers["Location"]

    assert went.startswith("/") and not went.startswith(("//", "/\\"))
    assert "\t" not in went and "\n" not in went


def test_where_one_wanted_to_go_is_where_one_arrives(world: World, app: Flask) -> None:
    assert sign_in(Browser(app, world.desk), next="/complaints?x=1").headers["Location"] == "/complaints?x=1"


def test_by_a_click_one_signs_in_only_in_the_sample_desk_and_only_on_this_machine(
    world: World, make_desk: Callable[..., Desk]
) -> None:
    def click(app: Flask, desk: Desk, address: str, person: int = world.lin.id) -> int:
        browser = Browser(app, desk)
        browser.token()
        return browser.post(f"/sign-in/{person}", environ_base={"REMOTE_ADDR": address}).status_code

    drill = make_desk(drill=True)
    played, real = create_app(drill), create_app(world.desk)

    assert click(played, drill, "127.0.0.1") == click(played, drill, "::1") == 303
    for address in ("192.168.1.7", "10.0.0.1", "::ffff:10.0.0.1", "", "nonsense"):
        assert click(played, drill, address) == 404
    assert click(real, world.desk, "127.0.0.1") == 403
    people.set_active(world.desk, world.lin.id, active=False, by=world.wu)
    assert click(played, drill, "127.0.0.1") == 404
    assert click(played, drill, "127.0.0.1", 99999) == 404


def test_the_real_desk_offers_no_click(world: World, app: Flask) -> None:
    assert "/sign-in/" not in Browser(app, world.desk).get("/sign-in").get_data(as_text=True)


def test_a_proxy_header_does_not_make_a_stranger_local(make_desk: Callable[..., Desk], clock: Clock) -> None:
    world = lay_out(make_desk(drill=True), clock)
    browser = Browser(create_app(world.desk), world.desk)
    browser.token()

    answer = browser.post(
        f"/sign-in/{world.lin.id}",
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
        headers={"X-Forwarded-For": "127.0.0.1"},
    )

    assert answer.status_code == 404


def test_hostile_titles_and_texts_are_shown_and_never_run(world: World, app: Flask) -> None:
    source = add_source(world.desk, name="晚报" + HOSTILE)
    escaped = HOSTILE.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    feed = parse(
        f"<rss><channel><title>x</title><item><guid>1</guid><title>星炉{escaped}</title>"
        f"<link>javascript:alert(3)</link><description>{escaped}星炉爆炸{escaped}</description></item>"
        "</channel></rss>".encode()
    )
    taken = ingest.take_in(world.desk, opened(world.desk), source.id, body(), feed, jitter=0.5)
    assert taken.stories
    from crisis.flows import triage

    incident = triage.declare(world.desk, taken.stories[0], by=world.lin, title=f"题{HOSTILE}")
    statement = world.draft(incident, text=f"话{HOSTILE}\n", title=f"题{HOSTILE}")
    world.story(f"手{HOSTILE}")
    browser = Browser(app, world.desk, world.lin)
    browser.post(f"/i/{incident.key}/log", {"words": HOSTILE})
    browser.post(f"/i/{incident.key}/facts", {"claim_zh": HOSTILE, "source": HOSTILE, "status": "confirmed"})

    for url in (
        "/inbox",
        f"/inbox/S-{taken.stories[0]}",
        "/i",
        "/sources",
        f"/sources/{source.id}",
        f"/i/{incident.key}",
        f"/i/{incident.key}/facts",
        f"/i/{incident.key}/log",
        f"/i/{incident.key}/brief",
        f"/i/{incident.key}/statements",
        f"/i/{incident.key}/statements/{statement.number}",
        f"/i/{incident.key}/statements/{statement.number}?edit",
        f"/i/{incident.key}/statements/{statement.number}/v1..v2",
        "/search?q=alert",
        "/search?q=" + "%3Cscript%3Ealert(1)%3C/script%3E",
    ):
        answer = browser.get(url)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200, url
        assert "<script>alert" not in text and "<img src=x" not in text, url
        assert 'href="javascript:' not in text, url
        assert "onerror=alert" not in text.replace("onerror=alert(2)&gt;", ""), url


def test_a_cell_of_the_exported_log_is_never_a_formula(world: World, app: Flask) -> None:
    incident = world.room()
    browser = Browser(app, world.desk, world.lin)
    for words in ("=1+1", "+1", "-1", "@x", '=HYPERLINK("http://evil.example")'):
        browser.post(f"/i/{incident.key}/log", {"words": words})

    rows = list(csv.reader(browser.get(f"/i/{incident.key}/log.csv").get_data(as_text=True).splitlines()))

    assert len(rows) == 6
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell]


def test_a_cell_of_the_exported_log_that_is_empty_stays_empty(world: World, app: Flask) -> None:
    incident = world.room()
    statement = world.draft(incident)
    statements.edit(world.desk, incident.key, statement.number, by=world.lin, text="改过。", seen_revision=2)

    table = Browser(app, world.desk, world.lin).get(f"/i/{incident.key}/log.csv").get_data(as_text=True)

    assert {row["note"] for row in csv.DictReader(table.splitlines()) if row["by"] == "林若"} >= {""}
    assert "'" not in table


def test_a_form_that_is_too_large_is_refused(world: World, app: Flask) -> None:
    incident = world.room()
    browser = Browser(app, world.desk, world.lin)
    huge = "灶" * (MAX_FORM_BYTES // 3 + 10)

    assert browser.post(f"/i/{incident.key}/log", {"words": huge}).status_code == 413
    assert browser.post("/sources", {"opml": (BytesIO(b"x" * (MAX_FORM_BYTES + 1)), "x.opml")}).status_code == 413
    assert browser.post(f"/i/{incident.key}/log", {f"f{number}": "x" for number in range(2000)}).status_code in (
        413,
        422,
    )


def test_what_was_typed_beside_a_file_that_is_too_large_stands_on_the_page_that_refuses_it(
    world: World, app: Flask
) -> None:
    browser = Browser(app, world.desk, world.wu)
    opml = BytesIO(b"x" * (MAX_FORM_BYTES + 1))

    answer = browser.post("/sources?lang=en", {"name": "晚报 <b>", "opml": (opml, "x.opml")})

    assert answer.status_code == 413
    (kept,) = document_fromstring(answer.text).find_class("kept")
    assert kept.text_content() == "晚报 <b>"
    assert "larger than 4 MB" in answer.text and "This is what you typed" in answer.text


def test_a_form_beyond_all_bounds_is_refused_on_a_page_of_the_desk(world: World, app: Flask) -> None:
    browser = Browser(app, world.desk, world.lin)

    answer = browser.post("/inbox/by-hand?lang=en", {"title": "x" * (MAX_READ_BYTES + 1)})

    assert answer.status_code == 413
    assert "larger than 4 MB" in document_fromstring(answer.text).text_content()
    assert len(answer.text) < 10_000


@pytest.mark.parametrize(
    "path", ["/i/%00", "/i/x%00y", "/search?q=%00", "/inbox?origin=%00", "/c/%00", "/%00", "/?lang=%00"]
)
def test_a_null_in_an_address_breaks_nothing(world: World, app: Flask, path: str) -> None:
    assert Browser(app, world.desk, world.lin).get(path).status_code in (400, 404)


@pytest.mark.parametrize("number", ["0", "2147483647", "2147483648", "99999999999999999999", "-1", "٣", "1e3"])
def test_a_number_that_no_row_has_is_not_found(world: World, app: Flask, number: str) -> None:
    incident = world.room()
    browser = Browser(app, world.desk, world.lin)

    for url in ("/inbox/S-{}", "/approve/R-{}", "/newsroom/{}", "/sources/{}", "/i/" + incident.key + "/statements/{}"):
        assert browser.get(url.format(number)).status_code == 404, url


JUNK = [
    "",
    " ",
    "x",
    "\x00",
    "\r\n",
    "汉" * 300,
    "y" * 5000,
    "-1",
    "0",
    "1",
    "99999999999999999999",
    "9" * 5000,
    "1.5",
    "NaN",
    "−5",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "2026-02-30T10:00",
    "2026-05-14T09:20+99:99",
    "2026-05-14T09:20+23:59",
    "25:61",
    "99:99",
    ":",
    "null",
    "[]",
    "{}",
    "%s %(x)s {0}",
    "{{7*7}}",
    "{% raw %}",
    "<b>",
    "' OR 1=1 --",
    "\ud7ff\ue000\ufffe",
    "🜁🔥",
    "\u202e\u200b",
    "x@y",
    "a@b\r\nBcc: c@d",
    "http://",
    "http://[",
    "ftp://x",
    "((((((",
    '"',
    "zh",
    "en",
    "confirmed",
    "linear",
    "credit",
    "chain",
    "public",
    "holding",
    "newsroom",
    "on",
    "A" * 7,
    "XL",
    "Asia/Shanghai",
    "../../etc/passwd",
    "/etc/passwd",
    "10.0.0.0/8",
    "10.0.0.0/99",
    "drop",
    "take",
    "kept",
    "M1",
    "arrived",
]


def names_of_forms() -> list[str]:
    from tests.web.test_visibility import FORM

    more = ["as_of", "at", "by", "claim_en", "credit_kind", "secondary", "members", "fallback", "sentence", "zone"]
    more += ["know", "feel", "motivate", "spokesperson", "finding", "release", "statement", "question", "way", "urls"]
    more += ["action_taken", "signed_by", "supervisor", "satisfied", "corrective", "received_at", "medium", "reach"]
    more += ["customer_email", "customer_phone", "customer_kind", "subject", "product", "consent", "injury", "back"]
    more += ["approvals", "allow", "smtp_host", "smtp_port", "smtp_sender", "smtp_password", "aliases", "industry"]
    more += ["watch", "next", "email", "is_cause", "asking", "decision", "admin", "origin"]
    return sorted({*FORM, *more})


@pytest.mark.parametrize("name", ["lin", "wu"])
def test_junk_in_any_form_is_never_an_error_of_ours(world: World, app: Flask, name: str) -> None:
    """Every form of the desk, filled with junk several times over: a sentence, never a 500."""
    from tests.web.test_visibility import FORM, everything

    laid = everything(world)
    chance = random.Random(name)
    fields = names_of_forms()
    person: Person = getattr(world, name)
    browser = Browser(laid.app, world.desk, person)
    posts = [(url, endpoint) for url, endpoint, _ in laid.urls("POST", of="open")]

    for _ in range(3):
        for url, endpoint in posts:
            if endpoint == "session.sign_out":
                continue
            form: dict[str, Any] = dict(FORM) if chance.random() < 0.6 else {}
            # A few fields are wrong at a time, so that what lies behind the first check is reached too.
            for field in chance.sample(fields, chance.choice([1, 2, 4, 12, len(fields)])):
                form[field] = chance.choice(JUNK)
            answer = browser.post(url, form)
            assert answer.status_code < 500, f"{url} {answer.status_code} {form!r}"[:3000]
            if answer.status_code == 401 or "/sign-in" in answer.headers.get("Location", ""):
                browser = Browser(laid.app, world.desk, records_person(world.desk, person))
    for url, _, _ in laid.urls("GET", of="open"):
        assert browser.get(url).status_code < 500, url


def records_person(desk: Desk, person: Person) -> Person:
    with desk.reading() as db:
        return records.get(db, Person, person.id)


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_at_the_door_is_answered_with_a_sentence(
    world: World, app: Flask, email: str, password: str
) -> None:
    world.clock.pass_by(timedelta(minutes=16))

    answer = sign_in(Browser(app, world.desk), email=email, password=password)

    assert answer.status_code in (400, 422)
