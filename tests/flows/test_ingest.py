"""From answers to stories: no entry lost, none doubled, whatever dies or lies on the way."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from crisis.content.library import Library
from crisis.core.sources import Alarm, Dropped, Source, StoredArticle, StoredMention, Story, StoryState
from crisis.flows import ear as ears
from crisis.flows import ingest, triage
from crisis.flows.desk import Desk
from crisis.flows.ingest import TakenIn
from crisis.jobs.listening import Listening
from crisis.store import log, records, schema, sources
from monitors.article import Article
from monitors.feeds import Feed, Kind, NotAFeed, parse
from monitors.fetch import Body, Failed, Fetched, Gone, open_session
from monitors.folding import fold
from monitors.health import State, health_from
from monitors.loopback import LoopbackFeeds, outlets_of
from monitors.poller import Politeness
from monitors.reading import Readers
from tests.flows.at_once import in_a_process, kill_me
from tests.world import BEGIN, Clock, World, add_source, lay_out, open_desk

MINUTE = timedelta(minutes=1)
FIRE = "杭州一户人家使用星炉灶具时发生爆炸，两人受伤送医，消防已到场调查原因。"
ROUNDS: tuple[tuple[int, tuple[tuple[str, str, str], ...]], ...] = (
    (0, (("a1", "星炉灶具爆炸两人受伤", FIRE), ("a2", "西湖今日天气晴", "气温回升，适合出游。"))),
    (1, (("b1", "杭州一住户灶具爆炸 两人受伤", FIRE), ("b2", "亚运场馆开放", "市民可以预约。"))),
    (2, (("c1", "星炉灶具爆炸两人受伤（转载）", FIRE), ("c2", "地铁三号线延误", "早高峰列车晚点十分钟。"))),
    (0, (("a3", "星炉回应灶具爆炸：已派人到现场", "星炉炊具称已派人到杭州现场，将配合消防调查。"),)),
    (1, (("b3", "温州经销商要求退货星炉双环Q5", "多名经销商称顾客要求退货，担心星炉双环Q5的安全。"),)),
    (
        2,
        (
            ("c3", "星炉双环Q5被指点火爆燃", "有用户投诉星炉双环Q5点火时爆燃，客服未回应。"),
            ("c4", "菜价平稳", "蔬菜供应充足。"),
        ),
    ),
)


def feed(*entries: tuple[str, str, str], at: object = None, **changes: object) -> Feed:
    articles = tuple(
        Article(id=key, title=title, body=body, published=at, lang="zh")  # type: ignore[arg-type]
        for key, title, body in entries
    )
    return Feed(kind=Kind.RSS, title="x", articles=articles, **changes)  # type: ignore[arg-type]


def body(url: str = "https://paper.example/feed") -> Body:
    return Body(url=url, final_url=url, at=BEGIN, status=200, body=b"<rss/>", body_hash="0" * 64, etag='"1"')


def failed(code: str = "connection_refused") -> Failed:
    return Failed(url="https://paper.example/feed", final_url="https://paper.example/feed", at=BEGIN, code=code)


def opened(desk: Desk, *, save_every: int = ears.SAVE_EVERY) -> ears.Ear:
    with desk.reading() as db:
        found = ears.open_ear(desk, db, save_every=save_every)
    assert found is not None
    return found


def take(world: World, source: Source, answer: Fetched, found: Feed | NotAFeed | None = None) -> TakenIn:
    return ingest.take_in(world.desk, opened(world.desk), source.id, answer, found, jitter=0.5)


def source_now(world: World, source: Source) -> Source:
    with world.desk.reading() as db:
        return records.get(db, Source, source.id)


def test_an_entry_that_comes_again_is_not_taken_twice(world: World) -> None:
    source = add_source(world.desk)
    again = feed(*ROUNDS[0][1], *ROUNDS[0][1], at=BEGIN)

    assert take(world, source, body(), again).new == 2
    assert take(world, source, body(), again).new == 0
    with world.desk.reading() as db:
        assert {article.key for article in records.find(db, StoredArticle)} == {"a1", "a2"}


def test_one_entry_in_two_sources_is_kept_for_each(world: World) -> None:
    first, second = add_source(world.desk), add_source(world.desk, "https://other.example/feed", name="都市快报")

    take(world, first, body(), feed(*ROUNDS[0][1], at=BEGIN))
    take(world, second, body(), feed(*ROUNDS[0][1], at=BEGIN))

    with world.desk.reading() as db:
        assert len(records.find(db, StoredArticle)) == 4
        stories = records.find(db, Story)
    assert len(stories) == 1
    assert stories[0].articles == 2


def test_two_very_long_names_that_begin_alike_are_two_entries(world: World) -> None:
    source = add_source(world.desk)
    begin = "https://paper.example/" + "x" * 600

    taken = take(world, source, body(), feed((begin + "1", "one", ""), (begin + "2", "two", ""), at=BEGIN))
    again = take(world, source, body(), feed((begin + "1", "one", ""), (begin + "2", "two", ""), at=BEGIN))

    assert (taken.new, again.new) == (2, 0)


def test_a_mention_waits_in_triage_with_its_reasons_and_spans_into_the_original(world: World) -> None:
    source = add_source(world.desk)

    take(world, source, body(), feed(*ROUNDS[0][1], at=BEGIN))

    with world.desk.reading() as db:
        (story,) = records.find(db, Story)
        mentions = records.find(db, StoredMention)
        article = records.get(db, StoredArticle, mentions[0].article_id)
    assert story.state is StoryState.OPEN and story.reasons and story.risk > 0
    for mention in mentions:
        for span in mention.spans:
            text = article.title if span["field"] == "title" else article.body
            assert fold(text[span["start"] : span["end"]]).text == fold(span["term"]).text
    assert any("星炉" in article.title[span["start"] : span["end"]] for span in mentions[0].spans)


@pytest.mark.parametrize(("age", "alerts"), [(timedelta(0), 1), (timedelta(hours=2), 0), (timedelta(days=2), 0)])
def test_what_is_older_than_the_desk_raises_no_alarm_and_the_same_words_today_do(
    world: World, age: timedelta, alerts: int
) -> None:
    source = add_source(world.desk)
    grave = ("g", "星炉董事长钱望山被带走调查", "星炉炊具董事长钱望山因涉嫌行贿被带走调查。")
    world.clock.pass_by(timedelta(hours=1))

    taken = take(world, source, body(), feed(grave, at=world.clock.at - age))

    assert (taken.new, taken.alerts) == (1, alerts)
    with world.desk.reading() as db:
        assert len(records.find(db, Alarm)) == alerts
        assert len(records.find(db, Story)) == 1


def test_a_dismissed_story_comes_back_only_when_it_is_graver(world: World) -> None:
    source = add_source(world.desk)
    mild = ("m1", "星炉双环Q5用户抱怨点火慢", "有用户抱怨星炉双环Q5点火慢，客服未回应。")
    take(world, source, body(), feed(mild, at=BEGIN))
    with world.desk.reading() as db:
        (story,) = records.find(db, Story)
    triage.dismiss(world.desk, story.id, by=world.lin, reason="one customer")

    take(world, source, body(), feed(mild, ("m2", mild[1], mild[2]), at=BEGIN + MINUTE))
    with world.desk.reading() as db:
        assert records.get(db, Story, story.id).state is StoryState.DISMISSED


def test_a_dead_feed_is_shown_as_failing_asked_again_and_said_to_be_well_when_it_is(world: World) -> None:
    source = add_source(world.desk)
    for _ in range(30):
        take(world, source, failed())
        now = source_now(world, source)
        assert now.active
        assert world.clock.at < now.due_at <= world.clock.at + timedelta(days=2)
        world.clock.at = now.due_at

    assert health_from(dict(now.health)).state is State.FAILING
    with world.desk.reading() as db:
        said = [entry.verb for entry in log.entries(db)]
    assert "source_failed" in said
    take(world, source, body(), feed(*ROUNDS[0][1], at=world.clock.at))

    assert health_from(dict(source_now(world, source).health)).state is State.OK
    with world.desk.reading() as db:
        assert "source_recovered" in [entry.verb for entry in log.entries(db)]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Gone(url="https://paper.example/feed", final_url="https://paper.example/feed", at=BEGIN, status=410), None),
        (body(), NotAFeed("html_page", "a page")),
        (failed("too_large"), None),
    ],
)
def test_a_source_that_gives_no_feed_is_asked_again(world: World, answer: Fetched, found: NotAFeed | None) -> None:
    source = add_source(world.desk)

    take(world, source, answer, found)

    now = source_now(world, source)
    assert now.active and now.due_at > world.clock.at
    assert health_from(dict(now.health)).state is not State.OK


def test_what_a_feed_dropped_is_written_down(world: World) -> None:
    source = add_source(world.desk)
    found = parse(b"<rss><channel><title>x</title><item></item><item><title>y</title></item></channel></rss>")

    take(world, source, body(), found)

    with world.desk.reading() as db:
        assert [item.why.split()[0] for item in records.find(db, Dropped)] == ["empty_entry"]


HOSTILE = """<?xml version="1.0"?><rss><channel><title>x</title><language>zh-Hans-CN-x-something-very-long</language>
<item><guid>h1</guid><title>&lt;script&gt;alert(1)&lt;/script&gt; 星炉爆炸 &#0; &#xD800; \x00 \x0b</title>
<description>&lt;img src=x onerror=alert(1)&gt; 星炉 &#xDFFF;</description></item>
<item><guid>h2</guid><title>星炉</title><pubDate>Thu, 01 Jan 0001 00:00:00 +1400</pubDate></item>
<item><guid>h3</guid><title>星炉</title><pubDate>Fri, 31 Dec 9999 23:59:59 -1200</pubDate></item>
<item><guid>h4</guid><title>%s</title></item>
</channel></rss>""" % ("星炉" * 3000)


def test_a_hostile_document_is_taken_in_on_every_database(world: World) -> None:
    source = add_source(world.desk, lang="")

    taken = take(world, source, body(), parse(HOSTILE.encode("utf-8", "surrogatepass")))

    assert taken.new == 4
    assert health_from(dict(source_now(world, source).health)).state is State.OK


def test_an_answer_that_cannot_be_written_down_harms_its_own_source_only(world: World) -> None:
    articles = [
        Article(id=f"{outlet}-1", title=f"星炉灶具爆炸 {outlet}", body=FIRE, source=outlet, published=BEGIN, lang="zh")
        for outlet in ("早报", "晚报", "快报")
    ]

    def full_disk(connection: object, cursor: object, statement: str, values: object, *given: object) -> None:
        if statement.startswith("INSERT INTO article") and "晚报" in str(values):
            raise OSError("the disk is full")

    with LoopbackFeeds(outlets_of(articles), clock=lambda: world.clock.at + MINUTE) as feeds:
        for outlet in outlets_of(articles):
            add_source(world.desk, feeds.url(outlet.name), name=outlet.title)
        event.listen(world.desk.database.engine, "before_cursor_execute", full_disk)
        listening = Listening(world.desk, politeness=Politeness(spacing_s=0.0, parallel=4))

        async def one_round() -> int:
            async with Readers(0) as readers, open_session(allowed=feeds.allowed()) as session:
                return await listening.round(session, readers)

        assert asyncio.run(one_round()) == 3

    with world.desk.reading() as db:
        states = {source.name: health_from(dict(source.health)).state for source in records.find(db, Source)}
        assert {article.outlet for article in records.find(db, StoredArticle)} >= {"早报", "快报"}
        assert all(source.due_at > world.clock.at for source in records.find(db, Source))
    assert states["早报"] is states["快报"] is State.OK
    assert states["晚报"] is not State.OK


def play(desk: Desk, clock: Clock, *, save_every: int = ears.SAVE_EVERY) -> None:
    """Every answer of ROUNDS in order, each at its own minute, all of a source's entries so far in each."""
    ear = opened(desk, save_every=save_every)
    with desk.reading() as db:
        ids = [source.id for source in records.find(db, Source)]
    so_far: dict[int, list[tuple[str, str, str]]] = {}
    seen: dict[str, object] = {}
    for number, (place, entries) in enumerate(ROUNDS):
        clock.at = BEGIN + number * 5 * MINUTE
        so_far.setdefault(place, []).extend(entries)
        seen |= {key: clock.at for key, _, _ in entries}
        whole = feed(*so_far[place])
        dated = replace(
            whole,
            articles=tuple(replace(item, published=seen[item.id]) for item in whole.articles),  # type: ignore[arg-type]
        )
        ingest.take_in(desk, ear, ids[place], body(), dated, jitter=0.5)


def told(desk: Desk) -> dict[str, object]:
    """What is in the desk, without the numbers of rows."""
    with desk.reading() as db:
        stories = {story.id: story for story in records.find(db, Story)}
        articles = records.find(db, StoredArticle)
        keys = {article.id: article.key for article in articles}
        assert len({(article.source_id, article.key) for article in articles}) == len(articles)
        assert log.check(db) == ()
        return {
            "articles": sorted(
                (item.key, stories[item.story_id].title if item.story_id else "", keys.get(item.copy_id or 0, ""))
                for item in articles
            ),
            "stories": sorted(
                (item.title, str(item.state), item.articles, item.mentions, item.voices, item.severity)
                for item in stories.values()
            ),
            "mentions": sorted((keys[item.article_id], item.watch) for item in records.find(db, StoredMention)),
            "alarms": sorted((stories[item.story_id].title, item.at) for item in records.find(db, Alarm)),
        }


@pytest.fixture(scope="session")
def undisturbed(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, content: Library
) -> tuple[dict[str, object], int]:
    """What a listener that nobody kills has in the end, and how many statements it takes."""
    import shutil

    folder = tmp_path_factory.mktemp("undisturbed")
    shutil.copy(sqlite_template, folder / "desk.sqlite")
    clock = Clock()
    desk = open_desk(f"sqlite:///{folder / 'desk.sqlite'}", home=folder, content=content, clock=clock)
    three_sources(desk, clock)
    count = 0

    def counted(*given: object) -> None:
        nonlocal count
        count += 1

    event.listen(desk.database.engine, "before_cursor_execute", counted)
    play(desk, clock)
    found = told(desk)
    desk.database.close()
    return found, count


def three_sources(desk: Desk, clock: Clock) -> None:
    lay_out(desk, clock)
    for number, name in enumerate(("钱塘晚报", "都市快报", "消费者网")):
        add_source(desk, f"https://paper{number}.example/feed", name=name)


def test_the_played_rounds_hold_stories_copies_mentions_and_an_alarm(
    undisturbed: tuple[dict[str, object], int],
) -> None:
    found, statements = undisturbed

    assert len(found["articles"]) == 10  # type: ignore[arg-type]
    assert found["stories"] and found["mentions"] and found["alarms"]
    assert statements > 100


@pytest.mark.parametrize("share", [0.07, 0.31, 0.52, 0.68, 0.86])
def test_a_listener_that_is_killed_in_the_middle_loses_and_doubles_nothing(
    share: float,
    address: str,
    tmp_path: Path,
    content: Library,
    make_desk: Callable[..., Desk],
    undisturbed: tuple[dict[str, object], int],
) -> None:
    # The ear's memory is saved in between, so that both ways of remembering are used.
    often = 4
    whole, statements = undisturbed
    watching = make_desk()
    three_sources(watching, Clock())
    watching.database.close()

    def listen_and_die() -> None:
        clock = Clock()
        desk = open_desk(address, home=tmp_path, content=content, clock=clock)
        left = int(statements * share)

        def counted(*given: object) -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                kill_me()

        event.listen(desk.database.engine, "before_cursor_execute", counted)
        play(desk, clock, save_every=often)

    def listen() -> None:
        clock = Clock()
        play(open_desk(address, home=tmp_path, content=content, clock=clock), clock, save_every=often)

    assert in_a_process(listen_and_die) == -signal.SIGKILL
    with watching.reading() as db:
        before = {story.id: story.key for story in records.find(db, Story)}
        some = db.execute(select(func.count()).select_from(schema.article)).scalar_one()
    assert some < len(whole["articles"])  # type: ignore[arg-type]
    watching.database.close()
    assert in_a_process(listen) == 0

    assert told(watching) == whole
    with watching.reading() as db:
        after = {story.id: story.key for story in records.find(db, Story)}
    assert before.items() <= after.items()


def test_the_larger_the_memory_the_more_seldom_it_is_written_down() -> None:
    assert [ears.saved_after(remembered) for remembered in (0, 4_000, 60_000)] == [200, 200, 3_000]


def test_an_ear_that_was_closed_remembers_what_it_heard(world: World) -> None:
    source = add_source(world.desk)
    take(world, source, body(), feed(*ROUNDS[0][1], at=BEGIN))
    with world.desk.reading() as db:
        (story,) = records.find(db, Story)

    world.clock.pass_by(MINUTE)
    take(world, source, body(), feed(("z", "杭州星炉灶具爆炸 两人受伤送医", FIRE + "最新。"), at=world.clock.at))

    with world.desk.reading() as db:
        assert [item.id for item in records.find(db, Story)] == [story.id]
        assert sources.voices_of(db, story.id)[1] == 2
