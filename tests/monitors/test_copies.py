"""Near-duplicates are one voice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.article import Article
from monitors.copies import Copies, containment, independent_sources, print_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WIRE = (
    "The ferry operator said on Monday that two of its vessels would stay in harbour after inspectors found cracks "
    "in the hull of a third ship. Passengers with tickets for this week can travel with another line or have the "
    "fare paid back within ten days. The transport ministry asked for a full report and said that it had not yet "
    "decided about the summer timetable. Unions had warned of poor maintenance since last autumn, and a spokesman "
    "for the crews called the findings no surprise."
)
ZH = (
    "某连锁茶饮品牌周一表示，已暂停三家门店营业，原因是检查人员在后厨发现过期原料。公司称将在十日内向消费者退款，"
    "并请第三方机构检测全部批次。当地市场监管部门要求企业提交完整报告，目前尚未公布处罚决定。"
    "多名前员工称，去年秋天起就有人反映过类似问题，但没有得到处理。"
)


def article(identity: str, body: str = "", *, title: str = "", hours: float = 0, source: str = "a") -> Article:
    return Article(
        id=identity, title=title or identity, body=body, source=source, published=NOON + timedelta(hours=hours)
    )


def test_a_shortened_wire_story_is_a_copy_of_the_long_one() -> None:
    copies = Copies()
    copies.add(article("long", WIRE))

    assert copies.add(article("short", WIRE[: len(WIRE) // 2])) == "long"


def test_a_chinese_text_in_traditional_characters_is_a_copy() -> None:
    copies = Copies()
    copies.add(article("hans", ZH))

    assert copies.add(article("hant", ZH.replace("门店", "門店").replace("检查", "檢查").replace("员", "員"))) == "hans"


def test_another_text_about_the_same_matter_is_a_voice_of_its_own() -> None:
    copies = Copies()
    copies.add(article("wire", WIRE))
    own = "Cracks in a ferry's hull: what we know so far, and what commuters on the islands say about the crews."

    assert copies.add(article("own", own)) == "own"


def test_the_same_board_topic_shown_again_is_the_same_voice() -> None:
    copies = Copies()
    copies.add(article("1", title="某品牌回应召回"))

    assert copies.add(article("2", title="某品牌回应召回", hours=5)) == "1"


def test_headlines_that_differ_in_what_they_say_are_two_voices() -> None:
    copies = Copies()
    copies.add(article("1", title="某某科技市值一夜蒸发5100亿元"))

    assert copies.add(article("2", title="某某科技市值一夜蒸发2729亿元引发热议")) == "2"


def test_same_standing_title_over_different_texts_is_not_a_copy() -> None:
    copies = Copies()
    copies.add(article("1", WIRE, title="Daily briefing"))

    assert (
        copies.add(article("2", "Snow closed two passes in the north and schools opened late.", title="Daily briefing"))
        == "2"
    )


def test_a_feed_that_publishes_an_id_again_says_nothing_new() -> None:
    copies = Copies()
    copies.add(article("1", WIRE))
    copies.add(article("2", ZH))

    assert copies.add(article("1", "edited beyond recognition", hours=9)) == "1"
    assert len(copies) == 2


def test_copies_are_forgotten_after_the_window() -> None:
    copies = Copies(window=timedelta(hours=72))
    copies.add(article("old", WIRE))

    assert copies.add(article("new", WIRE, hours=73)) == "new"
    assert len(copies) == 1


def test_an_undated_article_does_not_move_the_clock() -> None:
    copies = Copies()
    copies.add(article("1", WIRE))
    copies.add(Article(id="undated", title="no date", body=ZH))

    assert copies.add(article("2", WIRE, hours=71)) == "1"


def test_boilerplate_that_everybody_carries_makes_no_copies() -> None:
    footer = " Subscribe to our newsletter for the latest stories from the region every morning at six o'clock sharp."
    copies = Copies()

    groups = [
        copies.add(article(str(n), f"alpha{n} beta{n} gamma{n} delta{n} " * 3 + footer * 1, title=f"t{n}"))
        for n in range(150)
    ]

    assert groups[-1] == "149"


def test_memory_survives_a_restart() -> None:
    copies = Copies()
    copies.add(article("long", WIRE))

    again = Copies.load(json.loads(json.dumps(copies.dump())))

    assert again.add(article("short", WIRE[: len(WIRE) // 2])) == "long"


def test_wire_copies_are_no_corroboration_and_an_outlet_counts_once() -> None:
    later = NOON + timedelta(hours=1)

    assert independent_sources([("wire", "x", NOON), ("paper", "x", later), ("radio", "x", later)]) == 1
    assert independent_sources([("paper", "x", NOON), ("paper", "y", later)]) == 1
    assert independent_sources([("wire", "x", NOON), ("paper", "x", later), ("paper", "y", later)]) == 2
    assert independent_sources([]) == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(WIRE.split() + list(ZH)), min_size=12, max_size=300))
def test_every_text_holds_itself_and_containment_is_symmetric(words: list[str]) -> None:
    one = print_of(article("a", " ".join(words), title="same"))
    other = print_of(article("b", WIRE, title="same"))

    assert containment(one, one) == 1.0
    assert containment(one, other) == containment(other, one)
    assert 0.0 <= containment(one, other) <= 1.0
