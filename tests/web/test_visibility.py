"""A restricted incident does not exist for people who are not its members: every route, every role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import product
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import func, select

from crisis.content.library import Library
from crisis.core.approval import Approval
from crisis.core.incident import Incident
from crisis.core.matter import Matter
from crisis.core.people import Role
from crisis.core.promise import Promise
from crisis.core.release import Delivery, DeliveryState, Release
from crisis.core.sources import Source, StoredArticle, StoredMention
from crisis.core.statement import ChannelKind
from crisis.core.text import mark_of
from crisis.flows import complaints, facts, incidents, releases, responses, triage
from crisis.flows import sources as flow
from crisis.flows.desk import Desk
from crisis.flows.facts import NewFact
from crisis.jobs.worker import run_until_idle
from crisis.store import log, records, schema, sources, views
from crisis.web.app import create_app
from crisis.web.session import MACHINES
from tests.web.browsers import Browser
from tests.world import BEGIN, TEXT, Clock, World, add_source, entry_about, lay_out, open_desk

# Pages that show the same to everybody, whatever incident their number belongs to.
PUBLIC = {"newsroom.item", "newsroom.index", "newsroom.feed"}
COMPLAINTS = {"complaints.one", "complaints.on_paper"}
FORM: dict[str, Any] = {
    "act": "off",
    "active": "no",
    "audience": "customers",
    "channels": "newsroom",
    "check": "SC01",
    "claim_zh": "又一条",
    "customer_name": "陈",
    "details": "x",
    "due_at": "2026-05-15T10:00",
    "email": "somebody@starhearth.example",
    "gate": "injury",
    "hash": "",
    "how": "telephone",
    "incident": "",
    "interval_h": "24",
    "kind": "holding",
    "lang": "zh",
    "module": "M1",
    "name": "x",
    "note": "because",
    "owner": "1",
    "password": "a-long-password",
    "prefix": "XL",
    "primary": "media",
    "query": "星炉",
    "quote": "x",
    "reason": "because",
    "received_by": "李蓝",
    "region": "温州",
    "regions": "杭州",
    "restricted": "",
    "revision": "2",
    "roles": "administrator",
    "said": "x",
    "severity": "5",
    "situation": "x",
    "source": "x",
    "speed": "5",
    "stance": "-1",
    "status": "confirmed",
    "text": "别的话。",
    "tier": "light",
    "title": "x",
    "unit": "x",
    "url": "https://new.example/feed",
    "value": "1",
    "seen": "1",
    "vote": "approve",
    "who": "x",
    "words": "x",
}


@dataclass
class Case:
    """One incident with everything in it. Every text carries `mark`; `members` are the people who may know of it."""

    mark: str
    incident: Incident
    values: dict[str, list[Any]] = field(default_factory=dict)
    may: set[int] = field(default_factory=set)


@dataclass
class Laid:
    world: World
    app: Flask
    cases: dict[str, Case]
    neutral: dict[str, list[Any]]

    def urls(self, method: str, *, of: str = "") -> Iterator[tuple[str, str, Case | None]]:
        """(address, endpoint, the incident it belongs to or None) of every route that takes the method; `of` leaves out
        the addresses of the other incidents, and gives each form once."""
        with self.app.test_request_context():
            adapter = self.app.url_map.bind("localhost")
            for rule in self.app.url_map.iter_rules():
                # Machines call without a form; whoever knows the token of a subscription may.
                if method not in (rule.methods or set()) or rule.endpoint in {"static", *MACHINES}:
                    continue
                for name, case in self.cases.items():
                    if of not in ("", name):
                        continue
                    known = case.values | ({"key": case.values["complaint"]} if rule.rule.startswith("/c/") else {})
                    if not rule.arguments & set(known):
                        continue
                    names = sorted(rule.arguments)
                    # A number that nobody has named here is the first row of its kind.
                    given = [(known | self.neutral).get(name, [1])[: 1 if of else None] for name in names]
                    for values in product(*given):
                        yield adapter.build(rule.endpoint, dict(zip(names, values, strict=True))), rule.endpoint, case
                if not rule.arguments & {*self.cases["open"].values, "key"}:
                    names = sorted(rule.arguments)
                    for values in product(*(self.neutral.get(name, [1]) for name in names)):
                        yield adapter.build(rule.endpoint, dict(zip(names, values, strict=True))), rule.endpoint, None


@pytest.fixture(scope="module")
def laid(address_of_module: str, content: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laid]:
    clock = Clock()
    desk = open_desk(address_of_module, home=tmp_path_factory.mktemp("home"), content=content, clock=clock)
    yield everything(lay_out(desk, clock))
    desk.database.close()


def everything(world: World) -> Laid:
    """A desk with an open, a region-limited and a restricted incident, each with everything in it."""
    source = add_source(world.desk)
    cases = {
        "open": lay_case(world, "opnx"),
        "limited": lay_case(world, "limx", regions=["温州"]),
        "hidden": lay_case(world, "hidx", regions=["温州"], restricted=True),
    }
    everybody = {person.id for person in world.everybody}
    cases["open"].may = everybody - {world.he.id}
    cases["limited"].may = everybody
    cases["hidden"].may = {world.lin.id}
    neutral: dict[str, list[Any]] = {
        "lang": ["zh", "en"],
        "source_id": [source.id],
        "person_id": [world.wang.id],
        "job_id": [1],
        "old": [1],
        "new": [2],
        "audience": ["public", "employees"],
        "act": ["remark"],
        "watch_id": [flow.save_watch(world.desk, by=world.wu, name="台风", query="台风").id],
        "token": ["nobody-knows-it"],
    }
    return Laid(world=world, app=create_app(world.desk), cases=cases, neutral=neutral)


def lay_case(world: World, mark: str, *, regions: list[str] | None = None, restricted: bool = False) -> Case:
    """An incident with story, facts, three statements, votes, a release, a promise, responses, a complaint, a log."""
    desk, lin = world.desk, world.lin
    story = world.story(f"{mark}故事灶具爆炸")
    incident = triage.declare(
        desk, story.id, by=lin, title=f"{mark}标题", severity=3, regions=regions or [], restricted=restricted
    )
    key = incident.key
    if restricted:
        # The executives vote as members, and leave.
        members = [world.shen.id, world.wang.id]
        incidents.set_visibility(desk, key, by=lin, restricted=True, member_ids=members, regions=regions or [], since=0)
    fact = NewFact(claim_zh=f"{mark}事实两人受伤", claim_en=f"{mark}fact", source=f"{mark}来源", as_of=BEGIN)
    facts.add(desk, key, fact, by=lin)
    incidents.write_entry(desk, key, by=lin, words=f"{mark}记录")
    incidents.write_situation(desk, key, by=lin, situation=f"{mark}局势", seen=mark_of(""))
    world.draft(incident, text=f"{mark}草稿。\n" + TEXT, title=f"{mark}题一")
    waiting = world.draft(incident, text=f"{mark}待批。\n" + TEXT, title=f"{mark}题二", audience="customers")
    approval = world.submitted(incident, waiting)
    out, approved = world.approved(
        incident,
        text=f"{mark}已发。\n" + TEXT,
        title=f"{mark}题三",
        audience="employees",
        channels=(ChannelKind.FILE, ChannelKind.NEWSROOM),
    )
    made = releases.release(desk, key, out.number, by=lin, hash=approved.hash)
    run_until_idle(desk)
    responses.promise(desk, key, by=lin, text=f"{mark}承诺", due_at=BEGIN, owner_id=lin.id)
    for region in ("温州", "杭州"):
        responses.enter(
            desk,
            key,
            by=lin,
            audience="customers",
            region=region,
            stance=-1,
            said=f"{mark}{'own' if region == '温州' else 'far'}回应",
            question=True,
            release_id=made.id,
        )
    complaint = complaints.receive(
        desk,
        {
            "received_by": "李蓝",
            "unit": "客服",
            "customer_name": "陈",
            "details": "点火爆燃",
            "region": "温州",
            "product": "双环Q5",
        },
        by=lin,
    )
    complaints.link(desk, complaint.key, by=lin, incident_key=key)
    if restricted:
        since = entry_about(desk, incident, Matter.VISIBILITY)
        incidents.set_visibility(desk, key, by=lin, restricted=True, member_ids=[], regions=regions or [], since=since)
    article, mention = lay_article(world, story.id, mark)
    with desk.reading() as db:
        runs = [item.id for item in records.find(db, Approval) if item.id >= approval.id]
        promises = [item.id for item in records.find(db, Promise, incident_id=incident.id)]
        deliveries = [item.id for item in records.find(db, Delivery, release_id=made.id)]
        tasks = db.execute(select(schema.task.c.id).where(schema.task.c.incident_id == incident.id).limit(1)).scalars()
        return Case(
            mark=mark,
            incident=records.get(db, Incident, incident.id),
            values={
                "key": [key],
                "number": [1, 2, 3],
                "story_id": [story.id],
                "article_id": [article],
                "mention_id": [mention],
                "approval_id": runs,
                "release_id": [made.id],
                "promise_id": promises,
                "delivery_id": deliveries[:1],
                "task_id": list(tasks),
                "complaint": [complaint.key],
            },
        )


def lay_article(world: World, story_id: int, mark: str) -> tuple[int, int]:
    """An article of a story that names us, with the document it was read from; its id and that of its mention."""
    with world.desk.transaction() as db:
        source = records.first(db, Source) or records.add(
            db, Source(name="温州日报", url="https://paper.example/w", health={}, due_at=BEGIN, added_at=BEGIN)
        )
        body = f"<p>{mark}星炉</p>".encode()
        kept = sources.keep_evidence(
            db,
            source_id=source.id,
            at=BEGIN,
            hash=sha256(body).hexdigest(),
            body=body,
            content_type="text/html",
            url="",
        )
        article = records.add(
            db,
            StoredArticle(
                source_id=source.id,
                key=mark,
                outlet="温州日报",
                title=f"{mark}星炉",
                fetched_at=BEGIN,
                story_id=story_id,
                evidence_id=kept,
            ),
        )
        span = {"field": "title", "start": 4, "end": 6, "term": "星炉"}
        mention = records.add(
            db,
            StoredMention(
                article_id=article.id, story_id=story_id, watch="name", spans=(span,), negative=0.1, risk={}, at=BEGIN
            ),
        )
        return article.id, mention.id


def state_of(desk: Desk) -> dict[str, Any]:
    """What a form could have changed: rows of every table but sign-ins, versions, and the head of the log."""
    with desk.reading() as db:
        found: dict[str, Any] = {"log": log.head(db)}
        for table in schema.metadata.sorted_tables:
            if table.name in ("session", "attempt"):
                continue
            found[table.name] = db.execute(select(func.count()).select_from(table)).scalar_one()
            if "version" in table.c:
                found[f"{table.name}.version"] = db.execute(select(func.sum(table.c.version))).scalar_one()
        return found


def browsers(laid: Laid) -> list[Browser]:
    # Wang may do and see what Shen may.
    people = [person for person in laid.world.everybody if person != laid.world.wang]
    return [Browser(laid.app, laid.world.desk, person) for person in (None, *people)]


# Every page as every person: some three thousand requests, half a minute on an idle machine.
@pytest.mark.timeout(600)
def test_no_route_tells_anybody_of_an_incident_they_may_not_know(laid: Laid) -> None:
    asked = 0
    extra = [
        (url, "extra", None)
        for url in (
            "/search?q=" + quote("爆炸"),
            "/search?q=" + quote("两人受伤"),
            "/search?q=XL",
            "/inbox?origin=hand",
            "/?lang=en",
        )
    ] + [(f"/complaints?incident={case.incident.key}", "complaints.index", case) for case in laid.cases.values()]
    gets = [*laid.urls("GET"), *extra]
    assert len({endpoint for _, endpoint, _ in gets}) >= 30
    for browser in browsers(laid):
        person = browser.person
        hidden = [case for case in laid.cases.values() if person is None or person.id not in case.may]
        told: set[str] = set()
        for url, endpoint, case in gets:
            answer = browser.get(url)
            text, asked = answer.get_data(as_text=True), asked + 1
            who = f"{person.name if person else 'nobody'} {url} {answer.status_code}"
            assert answer.status_code in (200, 302, 303, 403, 404, 409), who
            told |= {other.mark for other in laid.cases.values() if other.mark in text}
            for other in hidden:
                assert other.mark not in text, who
                if other.incident.key not in url:
                    assert other.incident.key not in text, who
            if case in hidden and case is not None and endpoint not in COMPLAINTS:
                if person is None and endpoint not in PUBLIC:
                    assert answer.status_code in (302, 303), who
                else:
                    assert answer.status_code == 404, who
        if person is not None:
            assert told == {case.mark for case in laid.cases.values() if person.id in case.may}, person.name
    assert asked > 700


def test_counts_are_those_of_what_one_may_know(laid: Laid) -> None:
    with laid.world.desk.reading() as db:
        for person in laid.world.everybody:
            own = [case for case in laid.cases.values() if person.id in case.may]
            assert views.open_incidents(db, person=person) == len(own), person.name


def test_a_regional_office_reads_the_answers_of_its_own_regions_only(laid: Laid) -> None:
    browser = Browser(laid.app, laid.world.desk, laid.world.he)
    pages = [browser.get(url).get_data(as_text=True) for url, _, case in laid.urls("GET") if case]

    assert any("limxown" in text for text in pages)
    assert not any("limxfar" in text for text in pages)


def test_no_form_reaches_an_incident_one_may_not_know(laid: Laid) -> None:
    hidden = laid.cases["hidden"]
    posts = [(url, endpoint) for url, endpoint, case in laid.urls("POST", of="hidden") if case is hidden]
    posts = [(url, endpoint) for url, endpoint in posts if endpoint != "complaints.do"]
    # A complaint is for everybody who handles complaints; what it belongs to is not.
    posts += [(f"/c/{key}/link", "complaints.do") for key in hidden.values["complaint"]]
    assert len(posts) > 20
    before = state_of(laid.world.desk)

    for browser in browsers(laid):
        if browser.person == laid.world.lin:
            continue
        for url, _ in posts:
            answer = browser.post(url, FORM)
            who = f"{browser.person.name if browser.person else 'nobody'} {url} {answer.status_code}"
            assert answer.status_code in ((400, 401) if browser.person is None else (403, 404)), who
            assert hidden.mark not in answer.get_data(as_text=True), who

    assert state_of(laid.world.desk) == before


ALLOWED: dict[Role, set[str]] = {
    Role.VIEWER: set(),
    Role.HANDLER: {"complaints.receive", "complaints.do"},
    Role.REGIONAL: {"complaints.receive", "complaints.do", "incidents.write", "audiences.respond", "inbox.by_hand"},
    Role.ADMINISTRATOR: {
        "setup.save_house",
        "setup.add_person",
        "setup.change_person",
        "setup.add_recipient",
        "setup.switch_recipient_off",
        "setup.revive",
        "setup.found_own",
        "sources.add",
        "sources.change",
        "sourceforms.make",
        "sourceforms.change",
        "watches.make",
        "watches.change",
        "watches.accept",
    },
}


@pytest.mark.parametrize("role", list(ALLOWED))
def test_a_role_changes_nothing_that_is_not_its_own(laid: Laid, role: Role) -> None:
    person = next(person for person in laid.world.everybody if person.roles == (role,))
    browser = Browser(laid.app, laid.world.desk, person)
    before = state_of(laid.world.desk)
    everybodys = {"session.sign_out", "session.sign_in", "session.by_click", "me.change_password", "me.set_phone"}

    for url, endpoint, _ in laid.urls("POST", of="limited"):
        if endpoint in ALLOWED[role] | everybodys:
            continue
        answer = browser.post(url, FORM | ({"kind": "online"} if endpoint == "sources.add" else {}))
        assert answer.status_code in (403, 404), f"{url} {answer.status_code}"

    assert state_of(laid.world.desk) == before


@pytest.mark.parametrize("role", list(ALLOWED))
def test_an_incident_shows_a_role_only_forms_that_it_may_send(laid: Laid, role: Role) -> None:
    person = next(person for person in laid.world.everybody if person.roles == (role,))
    browser = Browser(laid.app, laid.world.desk, person)
    adapter = laid.app.url_map.bind("localhost")
    key = laid.cases["limited"].incident.key
    shown: dict[str, str] = {}

    for url, endpoint, _ in laid.urls("GET", of="limited"):
        if not url.startswith(f"/i/{key}") or endpoint == "incidents.export":
            continue
        tree = html.fromstring(browser.get(url).data)
        for form in tree.xpath("//form[@method='post']"):
            shown[adapter.match(urlsplit(form.get("action")).path, method="POST")[0]] = url
        if endpoint == "incidents.room":
            others = tree.xpath("string(//*[@id='yours'])")
            assert laid.world.lin.name in others
            assert ("#say" in str(tree.xpath("//*[@id='yours']//@href"))) is (role is Role.REGIONAL)

    assert set(shown) <= ALLOWED[role] | {"session.sign_out"}, shown
    assert ("incidents.write" in shown) is (role is Role.REGIONAL)


def test_no_form_is_taken_without_its_token(laid: Laid) -> None:
    before = state_of(laid.world.desk)

    for person in (None, laid.world.lin):
        browser = Browser(laid.app, laid.world.desk, person)
        for url, endpoint, _ in laid.urls("POST", of="open"):
            if endpoint in MACHINES:
                # Hubs have no form: tests/web/test_websub.py.
                continue
            for token in ({}, {"csrf": "令牌"}):
                answer = browser.client.post(url, data=FORM | token)
                assert answer.status_code == 400, f"{url} {token} {answer.status_code}"

    assert state_of(laid.world.desk) == before


def test_a_page_that_does_not_exist_and_one_that_is_hidden_look_the_same(laid: Laid) -> None:
    browser = Browser(laid.app, laid.world.desk, laid.world.zhou)
    key = laid.cases["hidden"].incident.key

    hidden = browser.get(f"/i/{key}").get_data(as_text=True)
    nothing = browser.get("/i/XL-0514-77").get_data(as_text=True)

    assert hidden.replace(key, "") == nothing.replace("XL-0514-77", "")


def test_of_a_hidden_incident_the_newsroom_shows_what_was_released_to_everybody_and_nothing_else(laid: Laid) -> None:
    world, case = laid.world, laid.cases["hidden"]
    with world.desk.reading() as db:
        letters = records.find(db, Release)
        assert len(letters) == 3
        before = state_of(world.desk)
    browser = Browser(laid.app, world.desk)
    for letter in letters:
        assert browser.get(f"/newsroom/{letter.id}").status_code == 404

    with world.desk.transaction() as db:
        # The release of the hidden incident as it would be for everybody; undone, because all tests share the desk.
        (hidden,) = [item for item in letters if item.incident_id == case.incident.id]
        table, delivery = schema.release, schema.delivery
        db.execute(table.update().where(table.c.id == hidden.id).values(audience="public"))
        sent = Delivery(
            release_id=hidden.id,
            channel="newsroom",
            key="everybody",
            state=DeliveryState.SENT,
            updated_at=BEGIN,
            receipt={},
        )
        sent = records.add(db, sent)
    try:
        for url in ("/newsroom", "/newsroom/feed.zh.atom", f"/newsroom/{hidden.id}"):
            shown = browser.get(url).get_data(as_text=True)
            assert f"{case.mark}题三" in shown
            for inside in (
                case.incident.key,
                f"{case.mark}标题",
                f"{case.mark}草稿",
                f"{case.mark}待批",
                f"{case.mark}事实",
            ):
                assert inside not in shown
    finally:
        with world.desk.transaction() as db:
            db.execute(delivery.delete().where(delivery.c.id == sent.id))
            db.execute(table.update().where(table.c.id == hidden.id).values(audience=hidden.audience))
    assert state_of(world.desk) == before


def test_the_people_of_the_world_are_one_of_each_role(laid: Laid) -> None:
    roles: set[Role] = set()
    for person in laid.world.everybody:
        roles |= set(person.roles)

    assert roles == set(Role)
