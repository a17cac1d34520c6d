"""Small things that a tired person stumbles over: what an error says is kept, and what a browser asks by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, g
from lxml.html import HtmlElement, document_fromstring
from sqlalchemy import create_engine

from crisis.flows import complaints
from crisis.jobs.worker import run_until_idle
from crisis.store.db import Database
from crisis.web.app import create_app
from crisis.web.show import rail
from tests.web.browsers import Browser
from tests.world import BEGIN, World

KEPT = "What you typed is kept below"


def _page(answer: bytes) -> HtmlElement:
    return document_fromstring(answer)


def _summary(tree: HtmlElement) -> str:
    (summary,) = tree.xpath("//*[@id='error-summary']")
    return " ".join(summary.text_content().split())


def test_a_wrong_password_is_not_said_to_be_kept(world: World) -> None:
    browser = Browser(create_app(world.desk), world.desk)
    browser.token()

    answer = browser.post(
        "/sign-in?lang=en", {"form": "s", "email": "lin@example.com", "password": "wrong", "next": "/i/X"}
    )

    said, tree = _summary(_page(answer.data)), _page(answer.data)
    assert answer.status_code == 422
    assert KEPT not in said
    assert "type it again" in said
    assert tree.xpath("//input[@name='email']/@value") == ["lin@example.com"]
    assert "wrong" not in tree.xpath("//input[@name='password']/@value")


def test_where_nothing_was_typed_nothing_is_said_to_be_kept(world: World) -> None:
    incident = world.incident()
    statement = world.draft(incident)
    browser = Browser(create_app(world.desk), world.desk, world.lin)

    answer = browser.post(f"/i/{incident.key}/statements/{statement.number}/take-back?lang=en", {"form": "back"})

    assert answer.status_code == 409
    assert KEPT not in _summary(_page(answer.data))


def test_a_browser_that_looks_for_an_icon_finds_one(world: World) -> None:
    browser = Browser(create_app(world.desk), world.desk)

    answer = browser.get("/favicon.ico")

    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")


def test_the_label_on_the_rail_stands_whole_in_the_page(world: World) -> None:
    incident = world.incident()
    words = "在 18:00 之前向全体受影响的家庭、经销商和浙江省市场监督管理局说明停售范围、检测进度与联系方式，并逐户回访"
    browser = Browser(create_app(world.desk), world.desk, world.lin)
    browser.post(
        f"/i/{incident.key}/promises", {"text": words, "due_at": "2026-05-14T12:00", "owner": str(world.lin.id)}
    )

    tree = _page(browser.get(f"/i/{incident.key}?lang=zh").data)

    labels = tree.xpath("//nav[contains(@class,'rail')]//a[contains(@class,'tick-l')]")
    assert labels
    for label in labels:
        assert "…" not in label.text_content()
        assert label.get("href")


@pytest.mark.parametrize("minutes", [1, 12, 30, 55, 59, 61, 70, 200, 239, 241, 900, 1430, 1445, 4000, 9000])
def test_the_words_at_now_lie_over_no_name_of_a_phase(minutes: int) -> None:
    with Flask("x").app_context():
        g.lang, g.zone = "en", "Asia/Shanghai"
        drawn = rail(BEGIN, BEGIN + timedelta(minutes=minutes), ())

    begin, end = (drawn.now, drawn.now + 11) if drawn.flip else (drawn.now - 11, drawn.now)
    names = [sum(drawn.widths[:phase]) for phase in range(4)]
    assert drawn.covered == tuple(name < end and begin < name + 8 for name in names)
    assert sum(drawn.covered) <= 1


def test_on_paper_no_dot_stands_where_what_it_parts_is_not_printed(world: World) -> None:
    incident = world.incident()
    browser = Browser(create_app(world.desk), world.desk, world.lin)

    tree = _page(browser.get(f"/i/{incident.key}/log?lang=en").data)

    before = "following-sibling::*[1][self::details or self::a]"
    printed = tree.xpath(f"//i[@class='sep'][{before}][not(ancestor::*[@class='no-print'])]")
    assert tree.xpath(f"//i[@class='sep'][{before}]")
    assert not [dot for dot in printed if dot.getnext().text_content() == "CSV" or "own" in dot.getparent().classes]


def test_the_feed_of_each_language_has_the_name_that_the_organisation_has_in_it(world: World) -> None:
    browser = Browser(create_app(world.desk), world.desk)

    names = [browser.get(f"/newsroom/feed.{lang}.atom").get_data(as_text=True) for lang in ("en", "zh")]

    assert "<author><name>Starhearth</name></author>" in names[0]
    assert "Starhearth" not in names[1]


def test_no_space_stands_between_chinese_sentences_of_the_decision(world: World) -> None:
    incident = world.incident()
    world.draft(incident)

    answer = Browser(create_app(world.desk), world.desk, world.lin).get(f"/i/{incident.key}?lang=zh")

    (block,) = _page(answer.data).xpath("//section[contains(@class,'decide')]")
    assert "草稿" in block.text_content()
    assert "。 " not in block.text_content()


def test_a_complaint_shows_what_was_said_before_the_data_of_who_said_it(world: World) -> None:
    said: dict[str, Any] = {
        "received_by": "李曼",
        "unit": "客服",
        "medium": "phone",
        "customer_name": "方女士",
        "customer_phone": "0571 8000 1234",
        "details": "火苗发黄。",
        "consent": True,
    }
    case = complaints.receive(world.desk, said, by=world.li)

    tree = _page(Browser(create_app(world.desk), world.desk, world.li).get(f"/c/{case.key}?lang=en").data)

    titles = tree.xpath("//main//section[contains(@class,'panel')]/header/h2/text()")
    assert titles == ["What was said and done", "Next steps", case.key]
    assert tree.xpath("string(//section[contains(@class,'decide')]//a[starts-with(@href,'tel:')])") == "0571 8000 1234"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_database_the_page_of_the_error_still_holds_what_was_typed(world: World, lang: str) -> None:
    nowhere = Database(create_engine(f"sqlite:///{world.desk.settings.home}/nowhere/desk.db"))
    browser = Browser(create_app(replace(world.desk, database=nowhere)), world.desk)

    answer = browser.post(
        f"/i/X/log?lang={lang}",
        {"form": "log", "words": "值班记录 <b>"},
        headers={"Referer": "http://localhost/i/X"},
    )

    assert answer.status_code == 503
    tree = _page(answer.data)
    assert tree.xpath("string(//h1)").startswith(
        {"zh": "应对台的数据库没有回应", "en": "The desk’s database does not answer"}[lang]
    )
    assert tree.xpath("string(//*[@class='kept'])") == "值班记录 <b>"
    # A page like the others, also on a phone, with a way on.
    assert tree.xpath("//meta[@name='viewport']") and tree.xpath("//link[contains(@href,'desk.css')]")
    assert tree.xpath("string(//a[@class='btn']/@href)") == "/i/X"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_whoever_meets_a_fault_is_told_the_word_under_which_it_stands_in_the_log(
    world: World, lang: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(world.desk)
    app.add_url_rule("/fault", "fault", lambda: f"{1 // 0}")
    browser = Browser(app, world.desk, world.lin)

    answer = browser.get(f"/fault?lang={lang}")

    assert answer.status_code == 500
    tree = _page(answer.data)
    assert tree.xpath("string(//main//h1)").startswith({"zh": "没做成", "en": "The desk could not do this."}[lang])
    assert tree.xpath("string(//main//a[@class='btn']/@href)") == f"/fault?lang={lang}"
    (logged,) = [record.getMessage() for record in caplog.records if "request.failed" in record.getMessage()]
    assert logged.rpartition("found_by=")[2] in tree.xpath("string(//main)")
    assert "ZeroDivisionError" not in answer.get_data(as_text=True)


def test_what_is_wrong_with_a_list_of_feeds_is_said_with_its_line_and_what_to_do(world: World) -> None:
    browser = Browser(create_app(world.desk), world.desk, world.wu)

    none = browser.post("/sources?lang=en", {"form": "src", "opml": (BytesIO(b"not xml"), "x.opml")})
    empty = browser.post("/sources?lang=en", {"form": "src", "opml": (BytesIO(b"<opml/>"), "x.opml")})
    many = browser.post("/sources?lang=en", {"form": "src", "urls": "https://a.example/f\nftp://x 晚报"})

    assert "This is not an OPML file: line 1 cannot be read." in _summary(_page(none.data))
    assert "This OPML file holds no feed." in _summary(_page(empty.data))
    assert "Line 2: ftp://x is not a web address." in _summary(_page(many.data))


def test_the_feed_of_the_newsroom_is_called_what_it_is_for(world: World) -> None:
    tree = _page(Browser(create_app(world.desk), world.desk).get("/newsroom?lang=en").data)

    assert tree.xpath("string(//main//a[contains(@href,'.atom')])") == "Follow by feed (Atom)"


def test_a_time_that_is_missing_and_a_time_that_is_none_are_told_apart(world: World) -> None:
    incident = world.incident()
    browser = Browser(create_app(world.desk), world.desk, world.lin)
    sent = {"form": "promise", "text": "回电", "owner": str(world.lin.id)}

    missing = browser.post(f"/i/{incident.key}/promises?lang=en", {**sent, "due_at": ""})
    none = browser.post(f"/i/{incident.key}/promises?lang=en", {**sent, "due_at": "soon"})

    assert "Enter a time." in _summary(_page(missing.data))
    assert "This is not a time." in _summary(_page(none.data))


def test_what_is_read_aloud_beside_a_link_changes_its_voice(world: World) -> None:
    incident = world.incident()
    browser = Browser(create_app(world.desk), world.desk, world.lin)

    tree = _page(browser.get(f"/i/{incident.key}?lang=en").data)

    labels = [label for label in tree.xpath("//@aria-label") if any("\u4e00" <= sign <= "\u9fff" for sign in label)]
    assert labels == []
    assert tree.xpath("string(//a[contains(@class,'self')]//span[@lang='zh-Hans'])") == world.lin.name


def test_who_reads_the_newsroom_from_outside_is_with_the_organisation_and_hears_in_which_language(
    world: World,
) -> None:
    incident = world.room()
    world.released(incident, text="我们在现场。\n", title="致公众")
    run_until_idle(world.desk)

    answer = Browser(create_app(world.desk), world.desk).get("/newsroom?lang=en")

    tree = _page(answer.data)
    assert tree.xpath("string(//title)").endswith("Newsroom · Starhearth")
    assert tree.xpath("string(//header//a[@class='mark'])") == "Starhearth"
    assert "Nothing has been released in Chinese yet" not in answer.text
    assert "Nothing has been released in English yet" in answer.text
    (body,) = tree.find_class("body")
    assert (body.get("lang"), body.text_content().strip()) == ("zh-Hans", "我们在现场。")
    assert not tree.xpath("//article/@lang")
