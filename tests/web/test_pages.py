"""Every page, in both languages: what a screen reader, a keyboard, a strict browser and a bad line need of it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement

from crisis.core.case import FactStatus
from crisis.core.people import Person
from crisis.flows import complaints, facts, people, responses
from crisis.flows.facts import NewFact
from crisis.web.app import create_app
from crisis.web.session import COOKIE
from tests.world import World, add_recipient, add_source

# Design, section 12: per page, compressed, without pictures.
PAGE_BYTES, CSS_BYTES, JS_BYTES, HTML_BYTES = 60_000, 14_000, 6_000, 40_000
HEADING = "self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6"
FLOW_CONTENT = ("hidden", "submit", "button")


class Site:
    """The pages of a desk at work, as one of its people sees them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app = create_app(world.desk)
        incident = world.incident(regions=["杭州", "温州"])
        key = incident.key
        for claim, english, status in (
            ("两人受伤", "Two people are hurt", FactStatus.CONFIRMED),
            ("型号为 Q5", "The model is Q5", FactStatus.UNCONFIRMED),
        ):
            typed = NewFact(claim_zh=claim, claim_en=english, source="李蓝", as_of=world.clock(), status=status)
            facts.add(world.desk, key, typed, by=world.lin)
        draft = world.draft(incident, audience="customers", title="致顾客")
        release = world.released(incident, audience="public", title="致公众")
        waiting = world.submitted(incident, world.draft(incident, audience="employees", title="致同事"))
        responses.enter(
            world.desk,
            key,
            by=world.lin,
            audience="customers",
            region="杭州",
            stance=-1,
            said="到底哪一批？",
            question=True,
            release_id=release.id,
        )
        due = world.clock() + timedelta(hours=2)
        responses.promise(world.desk, key, by=world.lin, text="中午再通报", due_at=due, owner_id=world.lin.id)
        case = complaints.receive(
            world.desk,
            {"received_by": "李蓝", "unit": "客服", "customer_name": "陈", "details": "点火爆燃", "product": "双环Q5"},
            by=world.li,
        )
        source = add_source(world.desk)
        add_recipient(world.desk, "晚报", "news@paper.example")
        story = world.story("两家经销商询问是否停售")
        room = f"/i/{key}"
        self.room = room
        self.draft = f"{room}/statements/{draft.number}"
        self.case = f"/c/{case.key}"
        self.paths = {
            "lin": (
                "/inbox",
                f"/inbox/S-{story.id}",
                "/i",
                room,
                f"{room}/facts",
                f"{room}/statements",
                self.draft,
                f"{self.draft}?edit=1",
                f"{room}/statements/2",
                f"{room}/statements/3",
                f"{room}/audiences",
                f"{room}/audiences?view=table",
                f"{room}/audiences/customers",
                f"{room}/publish",
                f"{room}/promises",
                f"{room}/log",
                f"{room}/log?only=decisions",
                f"{room}/brief",
                "/complaints",
                "/complaints/new",
                self.case,
                f"{self.case}/form",
                "/newsroom",
                f"/newsroom/{release.id}",
                "/search?q=爆炸",
                "/keys",
                "/nowhere",
            ),
            "shen": ("/approve", f"/approve/R-{waiting.id}"),
            "he": (room, f"{room}/audiences", "/approve"),
            "wu": (
                "/setup",
                "/setup/checks",
                "/setup/own",
                "/sources",
                "/sources/new",
                f"/sources/{source.id}",
                "/sources/watches/new",
            ),
            "": ("/sign-in", "/newsroom"),
        }

    def client(self, person: Person | None) -> FlaskClient:
        client = self.app.test_client()
        if person is not None:
            with self.world.desk.transaction() as db:
                token = people.open_session(db, person, now=self.world.desk.real_now())
            client.set_cookie(COOKIE, token)
        return client

    def pages(self) -> Iterator[tuple[str, str, str, HtmlElement]]:
        """(language and address, language, text, tree) of every page."""
        for who, paths in self.paths.items():
            client = self.client(getattr(self.world, who) if who else None)
            for lang in ("zh", "en"):
                for path in paths:
                    answer = client.get(path + ("&" if "?" in path else "?") + f"lang={lang}")
                    assert answer.status_code in (200, 404), f"{path}: {answer.status_code}"
                    yield f"{lang} {path}", lang, answer.text, html.fromstring(answer.data)


@pytest.fixture
def kind() -> str:
    """Pages do not know which database is under them: the quicker one is enough."""
    return "sqlite"


@pytest.fixture
def site(world: World) -> Site:
    return Site(world)


def name_of(control: HtmlElement, tree: HtmlElement) -> str:
    """The accessible name of a control, as far as these pages give names."""
    if control.get("aria-label"):
        return str(control.get("aria-label"))
    label = control.getparent()
    while label is not None and label.tag != "label":
        label = label.getparent()
    found = [label] if label is not None else tree.xpath("//label[@for=$id]", id=control.get("id") or "-")
    return " ".join(item.text_content().strip() for item in found)


def headings_out_of_order(place: str, tree: HtmlElement) -> Iterator[str]:
    """Headings as they are read out, in the order of the document: h1 comes first, and none skips a level downward. A
    note that is hidden until it is needed counts as if it were shown."""
    levels = [0, *(int(heading.tag[1]) for heading in tree.xpath(f"//*[{HEADING}]"))]
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"{place}: h{after} follows {f'h{before}' if before else 'no heading'}"


def in_the_wrong_voice(tree: HtmlElement) -> Iterator[str]:
    """Chinese that would be read aloud as English: what is hidden from readers and what is typed may be."""
    for text in tree.xpath("//body//text()[not(ancestor::textarea or ancestor::script or ancestor::*[@aria-hidden])]"):
        spoken = text.getparent().getparent() if text.is_tail else text.getparent()
        if re.search("[\u4e00-\u9fff]", text) and not spoken.xpath("ancestor-or-self::*[@lang][1]/@lang[. != 'en']"):
            yield " ".join(text.split())


def faults(place: str, lang: str, text: str, tree: HtmlElement) -> Iterator[str]:
    """What is wrong with a page, one sentence each."""
    if tree.get("lang") != ("zh-Hans" if lang == "zh" else "en"):
        yield f"{place}: lang is {tree.get('lang')}"
    if len(tree.xpath("//h1")) != 1:
        yield f"{place}: {len(tree.xpath('//h1'))} h1"
    yield from headings_out_of_order(place, tree)
    for tag in ("main", "header"):
        if not tree.xpath(f"//{tag}"):
            yield f"{place}: no {tag}"
    if not tree.xpath("//a[@class='skip' and @href='#main']"):
        yield f"{place}: no way to skip to the content"
    for control in tree.xpath("//input|//select|//textarea"):
        if control.get("type") not in FLOW_CONTENT and not name_of(control, tree):
            yield f"{place}: no label for {control.get('name')}"
    for button in tree.xpath("//button|//a[@href and not(@aria-hidden)]|//summary"):
        if not (button.text_content().strip() or button.get("aria-label") or button.xpath(".//@aria-label")):
            yield f"{place}: nameless {html.tostring(button)[:90]!r}"
    ids = [str(value) for value in tree.xpath("//@id")]
    twice = sorted({value for value in ids if ids.count(value) > 1})
    if twice:
        yield f"{place}: ids used twice {twice}"
    for reference in tree.xpath("//@aria-describedby|//label/@for"):
        if reference not in ids:
            yield f"{place}: {reference} names nothing"
    if len(tree.xpath("//section[contains(concat(' ', @class, ' '), ' decide ')]")) > 1:
        yield f"{place}: more than one decision"
    if tree.xpath("//@style|//style") or [item for item in tree.xpath("//script") if item.text or not item.get("src")]:
        yield f"{place}: inline style or script"
    if tree.xpath("//@*[starts-with(name(), 'on')]"):
        yield f"{place}: an inline handler"
    for address in tree.xpath("//script/@src|//link[@rel='stylesheet']/@href|//img/@src"):
        if not address.startswith("/"):
            yield f"{place}: loads {address}"
    for svg in tree.xpath("//*[local-name()='svg'][not(ancestor::*[local-name()='svg'])]"):
        if svg.get("role") != "img" or not svg.get("aria-label"):
            yield f"{place}: a picture without words"
    # The sign of a high finding, and sentences that are shown because they are wrong, may hold what our own may not.
    own = "not(parent::script) and not(ancestor::*[@class='sig w' or @class='serif sm'])"
    shown = " ".join(tree.xpath(f"//body//text()[{own}]"))
    if re.search(r"[!！]", shown):
        yield f"{place}: an exclamation mark"
    if "%(" in shown or "{{" in shown or "None" in shown.split():
        yield f"{place}: a value that was not filled in"
    if lang == "zh":
        wrong = re.search(r"[\u4e00-\u9fff][,;:](?!//)|[\u4e00-\u9fff] \([^)]*[\u4e00-\u9fff]", shown)
        if wrong:
            yield f"{place}: half-width signs {shown[max(0, wrong.start() - 15) : wrong.end() + 15]!r}"
    else:
        if re.search(r"[a-z][，。：；（）][ a-z]", shown):
            yield f"{place}: full-width signs in English"
        for text in in_the_wrong_voice(tree):
            yield f"{place}: {text} is not said to be Chinese"
    if len(gzip.compress(text.encode())) > HTML_BYTES:
        yield f"{place}: {len(gzip.compress(text.encode()))} bytes of HTML"


def test_every_page_can_be_read_by_everybody(site: Site) -> None:
    found = [fault for page in site.pages() for fault in faults(*page)]

    assert not found, "\n".join(found)


def test_style_and_script_keep_their_budget(site: Site) -> None:
    client = site.client(None)
    css, script = (len(gzip.compress(client.get(f"/static/desk.{kind}").data)) for kind in ("css", "js"))

    assert css <= CSS_BYTES
    assert script <= JS_BYTES
    assert css + script + HTML_BYTES <= PAGE_BYTES


# Latin letters: three bytes each as the browser sends them would only slow the test down.
LONG = "x" * 100_000
ODD = '<b onclick="x()">燃气灶</b> 🔥 & "so" \\ %s {{ 7*7 }}'


def forms_of(site: Site) -> Iterator[tuple[FlaskClient, str, HtmlElement]]:
    """Every form that a person can send, with the page it stands on; each action once."""
    seen: set[tuple[str, str]] = set()
    for who, paths in site.paths.items():
        if not who:
            continue
        client = site.client(getattr(site.world, who))
        for path in paths:
            for form in html.fromstring(client.get(path + ("&" if "?" in path else "?") + "lang=en").data).forms:
                which = (form.get("action") or "", dict(form.form_values()).get("form", ""))
                if form.method != "POST" or which in seen or "sign-out" in which[0]:
                    continue
                seen.add(which)
                yield client, path, form


@pytest.mark.parametrize("typed", [LONG, ODD, ""], ids=["far too long", "HTML and signs", "nothing"])
def test_no_form_breaks_and_none_forgets_what_was_typed(site: Site, typed: str) -> None:
    wrong, sent = [], 0
    for client, _page, form in forms_of(site):
        values = [(name, value) for name, value in form.form_values() if value is not None]
        free = [
            item.get("name")
            for item in form.xpath(".//textarea[@name]|.//input[@name]")
            if item.tag == "textarea" or item.get("type") in (None, "text", "email")
        ]
        texts = [item.get("name") for item in form.xpath(".//textarea[@name]")] + [
            name for name in free if name in ("title", "name", "reason", "note", "words", "source")
        ]
        if not free:
            continue
        body: dict[str, object] = {}
        for name, value in values:
            kept = body.get(name)
            body[name] = [*kept, value] if isinstance(kept, list) else [kept, value] if kept is not None else value
        body |= dict.fromkeys(texts, typed)
        for button in form.xpath(".//button[@name]")[:1]:
            body[button.get("name")] = button.get("value")
        answer = client.post(form.get("action"), data=body)
        sent += 1
        place = f"{form.get('action')} ({body.get('form')})"
        if answer.status_code >= 500 or answer.status_code == 400:
            wrong.append(f"{place}: {answer.status_code}")
        if answer.status_code in (409, 413, 422):
            tree = html.fromstring(answer.data)
            wrong.extend(headings_out_of_order(place, tree))
            if not tree.xpath("//*[@id='error-summary']"):
                wrong.append(f"{place}: {answer.status_code} without a summary")
            again = {
                (item.get("value") if item.tag == "input" else (item.text or "").removeprefix("\n"))
                for item in tree.xpath("//input|//textarea")
            } | {item.text_content() for item in tree.xpath("//*[@class='kept']")}
            if typed and texts and typed not in again:
                wrong.append(f"{place}: forgot what was typed in {texts}")
            still = tree.xpath("//form[@action=$action]", action=form.get("action"))
            if answer.status_code == 422 and still and not tree.xpath("//*[contains(@class, 'msg-e')]"):
                said = tree.xpath("string(//*[@id='error-summary'])")
                wrong.append(f"{place}: no sentence at the field: {said}")
        if typed == ODD and '<b onclick="x()">' in answer.text:
            wrong.append(f"{place}: HTML came back as HTML")

    assert sent > 20
    assert not wrong, "\n".join(wrong)
