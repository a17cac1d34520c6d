"""The watch editor, the why page, evidence, and the pages of sources: what people read and press there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from crisis.core.people import Person
from crisis.core.sources import Form, Source, StoredArticle, StoredMention, StoredWatch
from crisis.flows import ingest
from crisis.flows import sources as flow
from crisis.flows.desk import house
from crisis.flows.ear import open_ear
from crisis.flows.ingest import TakenIn
from crisis.store import records, schema
from crisis.web.app import create_app
from monitors.article import Article
from monitors.feeds import Feed, Kind
from monitors.fetch import Body
from tests.web.browsers import Browser
from tests.world import World, add_source

DOCUMENT = "<script>alert(1)</script>星炉".encode()
HASH = "5f" * 32


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.desk)


def browser(app: Flask, world: World, person: Person) -> Browser:
    return Browser(app, world.desk, person)


def bring(world: World, *articles: Article, source: Source | None = None) -> TakenIn:
    """Articles taken in as a poll takes them in."""
    source = source or add_source(world.desk)
    with world.desk.reading() as db:
        ear = open_ear(world.desk, db)
    now = world.clock()
    body = Body(
        url=source.url, final_url=source.url, at=now, body=DOCUMENT, body_hash=HASH, content_type="text/html; x"
    )
    read = Feed(kind=Kind.RSS, title="x", articles=articles)
    return ingest.take_in(world.desk, ear, source.id, body, read, jitter=0.5)


def article(number: int, title: str, body: str = "", **changes: object) -> Article:
    values: dict[str, object] = {"id": f"a{number}", "title": title, "body": body, "lang": "zh"} | changes
    return Article(**values)  # type: ignore[arg-type]


# ---- editor


def test_every_error_is_shown_with_its_column_cause_and_fix_in_the_readers_language(app: Flask, world: World) -> None:
    wu = browser(app, world, world.wu)

    answer = wu.post("/sources/watches/new", {"query": "(星炉 AND 爆炸 AND", "act": "check"})
    english = wu.post("/sources/watches/new?lang=en", {"query": "(星炉 AND 爆炸 AND", "act": "check"})

    text, other = answer.get_data(as_text=True), english.get_data(as_text=True)
    assert answer.status_code == 200
    assert "没有配对的“)”" in text and "第 1 列" in text and "的右边缺少内容" in text
    assert "never closed" in other and "column 1" in other
    assert '<mark class="harm">' in text


def test_a_fix_is_one_button_that_puts_the_whole_query_in(app: Flask, world: World) -> None:
    wu = browser(app, world, world.wu)
    text = wu.post("/sources/watches/new", {"query": "(星炉 AND 爆炸", "act": "check"}).get_data(as_text=True)
    assert 'name="fix" value="(星炉 AND 爆炸)"' in text

    after = wu.post("/sources/watches/new", {"query": "(星炉 AND 爆炸", "fix": "(星炉 AND 爆炸)"})

    assert "(星炉 AND 爆炸)</textarea>" in after.get_data(as_text=True)
    assert "没有问题" in after.get_data(as_text=True)


def test_what_cannot_be_watched_is_not_saved_and_nothing_typed_is_lost(app: Flask, world: World) -> None:
    wu = browser(app, world, world.wu)

    answer = wu.post("/sources/watches/new", {"name": "召回", "query": "召回 AND", "act": "save"})

    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="召回"' in text and "召回 AND</textarea>" in text
    with world.desk.reading() as db:
        assert records.find(db, StoredWatch) == ()


def test_a_watch_is_saved_changed_and_switched_off(app: Flask, world: World) -> None:
    wu = browser(app, world, world.wu)

    wu.post("/sources/watches/new", {"name": "召回", "query": "召回", "act": "save"})
    with world.desk.reading() as db:
        (made,) = records.find(db, StoredWatch)
    wu.post(f"/sources/watches/{made.id}", {"name": "召回", "query": "召回 OR recall", "off": "1", "act": "save"})

    with world.desk.reading() as db:
        after = records.get(db, StoredWatch, made.id)
    assert (after.query, after.active) == ("召回 OR recall", False)


def test_an_officer_may_try_but_not_save(app: Flask, world: World) -> None:
    lin = browser(app, world, world.lin)

    assert lin.post("/sources/watches/new", {"query": "召回", "act": "try"}).status_code == 200
    assert lin.post("/sources/watches/new", {"name": "x", "query": "召回", "act": "save"}).status_code == 403
    assert browser(app, world, world.anna).get("/sources/watches/new").status_code == 404


@pytest.mark.parametrize(
    ("dialect", "foreign", "ours"),
    [
        ("google", "stove recall", "stove AND recall"),
        ("factiva", "hd=(stove or cooker)", "title:(stove OR cooker)"),
        ("brandwatch", "(stove OR cooker) fire", "(stove OR cooker) AND fire"),
    ],
)
def test_a_query_of_another_tool_is_rewritten_and_shown_beside_the_original(
    app: Flask, world: World, dialect: str, foreign: str, ours: str
) -> None:
    wu = browser(app, world, world.wu)

    answer = wu.post("/sources/watches/new", {"foreign": foreign, "dialect": dialect, "act": "import"})

    text = answer.get_data(as_text=True)
    assert text.count(foreign) >= 2
    assert f"{ours}</textarea>" in text


def test_a_foreign_query_that_says_nothing_here_is_refused_with_its_reason(app: Flask, world: World) -> None:
    form = {"query": "星炉", "foreign": "author:smith", "dialect": "brandwatch", "act": "import"}

    text = browser(app, world, world.wu).post("/sources/watches/new", form).get_data(as_text=True)

    assert "不能照原样带过来" in text
    assert "星炉</textarea>" in text


# ---- try-out


def test_a_try_out_counts_and_marks_what_would_have_been_caught(app: Flask, world: World) -> None:
    bring(
        world,
        article(1, "台风登陆宁波"),
        article(2, "天气"),
        article(3, "旧闻：台风", published=world.clock() - timedelta(days=8)),
    )

    form = {"query": "台风", "days": "7", "act": "try"}
    text = browser(app, world, world.lin).post("/sources/watches/new", form).get_data(as_text=True)

    assert "2 条报道里会命中 1 条" in text
    assert '<mark class="brand">台风</mark>登陆宁波' in text
    assert "旧闻" not in text


def test_a_try_out_warns_of_namesakes_and_leaves_them_out_with_one_button(app: Flask, world: World) -> None:
    weather = [article(number, f"波罗的海天气预报第{number}号") for number in range(6)]
    bring(world, *weather, *(article(10 + number, f"波罗的海沿岸第{number}次巡航") for number in range(9)))

    form = {"query": "海天 OR 酱油", "act": "try"}
    text = browser(app, world, world.wu).post("/sources/watches/new", form).get_data(as_text=True)

    assert "可能说的是别人" in text
    assert "海天 UNLESS" in text


def test_articles_of_a_hidden_incident_are_not_tried_on(app: Flask, world: World) -> None:
    taken = bring(world, article(1, "星炉灶具在温州爆炸，两人受伤，市监局介入调查"))
    hidden = world.room(restricted=True)
    with world.desk.transaction() as db:
        (story,) = taken.stories
        db.execute(schema.story.update().where(schema.story.c.id == story).values(incident_id=hidden.id))

    form = {"query": "温州", "act": "try"}
    own = browser(app, world, world.lin).post("/sources/watches/new", form).get_data(as_text=True)
    other = browser(app, world, world.zhou).post("/sources/watches/new", form).get_data(as_text=True)

    assert "灶具在" in own
    assert "灶具在" not in other


# ---- suggestions


def test_a_suggestion_is_added_to_the_organisation_with_one_button(app: Flask, world: World) -> None:
    wu = browser(app, world, world.wu)
    assert wu.get("/sources/watches/suggestions").status_code == 200

    wu.post("/sources/watches/suggestions", {"text": "星爐灶具", "why": "vocabulary"})
    wu.post("/sources/watches/suggestions", {"text": "明星炉边谈话", "why": "namesake"})

    with world.desk.reading() as db:
        home = house(db)
    assert home is not None
    assert "星爐灶具" in home.organisation.aliases
    assert home.organisation.exclude == ("明星炉边谈话",)


def test_an_officer_changes_no_names(app: Flask, world: World) -> None:
    answer = browser(app, world, world.lin).post("/sources/watches/suggestions", {"text": "x", "why": "vocabulary"})

    assert answer.status_code == 403


# ---- why, evidence


def a_mention(world: World) -> tuple[StoredMention, StoredArticle]:
    bring(world, article(1, "星炉灶具爆炸", "厨房里的<b>星炉</b>灶具爆炸，两人受伤。"))
    with world.desk.reading() as db:
        (mention,) = records.find(db, StoredMention)
        return mention, records.get(db, StoredArticle, mention.article_id)


def test_a_mention_says_which_watch_which_clause_and_which_words(app: Flask, world: World) -> None:
    mention, _ = a_mention(world)

    text = browser(app, world, world.lin).get(f"/why/mention/{mention.id}").get_data(as_text=True)

    assert "本单位名称" in text and "逐条说明" in text
    assert '<mark class="brand">星炉</mark>' in text
    assert "&lt;b&gt;" in text and "<b>星炉" not in text
    assert HASH in text


def test_the_inbox_leads_to_it(app: Flask, world: World) -> None:
    mention, article_now = a_mention(world)

    text = browser(app, world, world.lin).get(f"/inbox/S-{article_now.story_id}").get_data(as_text=True)

    assert f"/why/mention/{mention.id}" in text


def test_a_watch_that_was_changed_since_is_said_to_be(app: Flask, world: World) -> None:
    watch = flow.save_watch(world.desk, by=world.wu, name="厨房", query="厨房")
    bring(world, article(1, "厨房着火"))
    flow.save_watch(world.desk, by=world.wu, name="厨房", query="浴室", watch_id=watch.id)
    with world.desk.reading() as db:
        (mention,) = records.find(db, StoredMention)

    text = browser(app, world, world.lin).get(f"/why/mention/{mention.id}").get_data(as_text=True)

    assert "按现在的监测式，它不会命中" in text


def test_evidence_is_downloaded_as_it_came_and_never_shown_as_a_page(app: Flask, world: World) -> None:
    _, found = a_mention(world)

    answer = browser(app, world, world.lin).get(f"/evidence/{found.id}")

    assert answer.data == DOCUMENT
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="evidence-{HASH[:16]}.html"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_why_and_evidence_of_a_hidden_incident_do_not_exist_for_others(app: Flask, world: World) -> None:
    mention, found = a_mention(world)
    hidden = world.room(restricted=True)
    with world.desk.transaction() as db:
        db.execute(schema.story.update().values(incident_id=hidden.id))

    for person in (world.zhou, world.shen, world.wu, world.he, world.anna, world.li):
        other = browser(app, world, person)
        assert other.get(f"/why/mention/{mention.id}").status_code == 404
        assert other.get(f"/evidence/{found.id}").status_code == 404
    assert browser(app, world, world.lin).get(f"/evidence/{found.id}").status_code == 200


def test_an_article_of_no_story_has_no_evidence_to_show(app: Flask, world: World) -> None:
    taken = bring(world, article(1, "天气"))

    assert browser(app, world, world.lin).get(f"/evidence/{taken.articles[0]}").status_code == 404


# ---- sources


@pytest.mark.parametrize("form", list(Form))
def test_every_form_of_source_has_its_page(app: Flask, world: World, form: Form) -> None:
    wu = browser(app, world, world.wu)

    for lang in ("zh", "en"):
        assert wu.get(f"/sources/new?form={form}&lang={lang}").status_code == 200
    assert browser(app, world, world.lin).get(f"/sources/new?form={form}").status_code == 404


def test_a_hot_list_is_added_with_its_shape_and_changed_later(app: Flask, world: World) -> None:
    wu = browser(app, world, world.wu)
    form = {
        "source_form": "hotlist",
        "url": "https://hot.example/a.json",
        "name": "热搜",
        "kind": "social",
        "reach": "4",
    }

    made = wu.post("/sources/new", form | {"shape_items": "data.cards", "interval": "10", "full_text": "1"})
    with world.desk.reading() as db:
        (source,) = records.find(db, Source)
    wu.post(f"/sources/{source.id}/edit", form | {"name": "热搜榜", "interval": ""})

    assert made.status_code == 303
    assert (source.form, source.interval_s) == (Form.HOTLIST, 600)
    assert source.options == {"items": "data.cards", "full_text": True}
    with world.desk.reading() as db:
        after = records.get(db, Source, source.id)
    assert (after.name, after.options, after.interval_s, after.form) == ("热搜榜", {}, None, Form.HOTLIST)


def test_a_folder_outside_the_inbox_is_refused_at_its_field_and_kept(app: Flask, world: World) -> None:
    form = {"form": "src", "source_form": "folder", "url": "/etc", "kind": "online", "reach": "3"}

    answer = browser(app, world, world.wu).post("/sources/new", form)

    assert answer.status_code == 422
    assert 'value="/etc"' in answer.get_data(as_text=True)
    with world.desk.reading() as db:
        assert records.find(db, Source) == ()


def test_the_sources_page_shows_hosts_pauses_and_who_is_silent(app: Flask, world: World) -> None:
    now = world.clock()
    silent = {"state": "silent", "habit": {"last_at": (now - timedelta(days=9)).isoformat()}}
    with world.desk.transaction() as db:
        records.add(db, Source(name="静默报", url="https://quiet.example/f", health=silent, due_at=now, added_at=now))
        host = {"delay_s": 30.0, "failures": 2, "code": "no_connection", "robots_at": now.isoformat()}
        db.execute(schema.host.insert().values(name="quiet.example", health=host))

    text = browser(app, world, world.anna).get("/sources").get_data(as_text=True)

    assert "quiet.example" in text and "30 s" in text
    assert "Silent against their habit" in text


def test_a_source_with_a_hub_says_so_and_its_secret_is_shown_to_nobody(app: Flask, world: World) -> None:
    source = add_source(world.desk)
    with world.desk.transaction() as db:
        db.execute(
            schema.subscription.insert().values(
                source_id=source.id,
                token="tokentoken",
                hub="https://hub.example/",
                topic=source.url,
                secret="s3cr3t",
                state="active",
                version=1,
            )
        )

    text = browser(app, world, world.wu).get(f"/sources/{source.id}").get_data(as_text=True)

    assert "https://hub.example/" in text
    assert "s3cr3t" not in text and "tokentoken" not in text
