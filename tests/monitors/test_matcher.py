"""All watches against one article: what is caught, by which characters, and why not."""

from __future__ import annotations

import threading

import pytest

from monitors.article import Article
from monitors.matcher import Matcher
from monitors.matcher.explain import explain
from monitors.matcher.reading import Reading
from monitors.query import QueryInvalid
from monitors.watch import Watch


def caught(query: str, title: str = "", body: str = "", **more: str) -> list[str] | None:
    """The texts of the spans, each cut out of the original; None when the watch does not catch the article."""
    article = Article(id="1", title=title, body=body, **more)  # type: ignore[arg-type]
    mentions = Matcher([Watch(id="w", query=query)]).match(article)
    if not mentions:
        return None
    return [getattr(article, str(span.field))[span.start : span.end] for span in mentions[0].spans]


@pytest.mark.parametrize(
    ("query", "text", "spans"),
    [
        ("海天", "海天醬油", ["海天"]),
        ("台积电", "臺積電漲價", ["臺積電"]),
        ("計畫", "年度计划", ["计划"]),
        ("ban", "urban bans", None),
        ("ban", "a BAN, the ban’s end", ["BAN", "ban"]),
        ("iPhone", "买iPhone吧", ["iPhone"]),
        ("iPhone", "iPhone15", None),
        ("iPhone*", "the iPhone15", ["iPhone15"]),
        ("wo?d", "word woods wood", ["word", "wood"]),
        ("Mate60", "华为 Mate60", ["Mate60"]),
        ("华为Mate60", "华为 Mate60", ["华为 Mate60"]),
        ('"Tim Cook"', "Tim\n  Cook", ["Tim\n  Cook"]),
        ('"苹果 手机"', "苹果手机 和 苹果 手机", ["苹果手机", "苹果 手机"]),
        ("{IT}", "it is IT", ["IT"]),
        ("{Café}", "cafe CAFÉ Cafe\u0301", ["Cafe\u0301"]),
        ("Café", "cafe", ["cafe"]),
        ("腾讯", "腾\u200b讯", ["腾\u200b讯"]),
        ("👍", "好👍🏽", ["👍"]),
        ("#新品", "看#新品 吧", ["#新品"]),
        ("Tesla", "Tesla™ cars", ["Tesla"]),
        ("株式会社", "㍿大和", ["㍿"]),
        ("apple AND NOT juice", "apple pie", ["apple"]),
        ("apple AND NOT juice", "apple juice", None),
        ("apple OR pear", "pear apple", ["pear", "apple"]),
        ("apple NEAR/1 pear", "apple red pear", ["apple", "pear"]),
        ("apple NEAR/1 pear", "pear red big apple", None),
        ("apple NEAR/0 pear", "apple - pear", ["apple", "pear"]),
        ("apple ONEAR/3 pear", "pear apple", None),
        ("苹果 NEAR/2 爆炸", "苹果四字之间爆炸", ["苹果", "爆炸"]),
        ("苹果 NEAR/1 爆炸", "苹果四字之间爆炸", None),
        ("(ab OR cd) NEAR/0 ef NEAR/0 gh", "gh ef cd", ["gh", "ef", "cd"]),
        ("海天 NEAR/3 海天", "海天", None),
        ("海天 UNLESS 波罗的海天", "波罗的海天气", None),
        ("海天 UNLESS 波罗的海天", "波罗的海天气，海天酱油", ["海天"]),
        ("海天 UNLESS/3 乐队", "海天是个乐队", None),
        ("atleast/2 (ab OR cd)", "ab cd", ["ab", "cd"]),
        ("atleast/2 ab", "ab cd", None),
    ],
)
def test_a_watch_catches_the_right_characters(query: str, text: str, spans: list[str] | None) -> None:
    assert caught(query, title=text) == spans
    assert caught(query, title="Something else", body=text) == spans


def test_fields_limit_where_a_word_may_stand() -> None:
    assert caught("title:fire", title="fire", body="fire") == ["fire"]
    assert caught("title:fire", title="smoke", body="fire") is None
    assert caught("body:fire AND title:smoke", title="smoke", body="fire") == ["smoke", "fire"]
    assert caught("smoke NEAR/5 fire", title="smoke", body="fire") is None


def test_language_source_and_address_are_conditions() -> None:
    assert caught("fire AND lang:zh", title="fire", lang="zh-Hant") == ["fire"]
    assert caught("fire AND lang:zh", title="fire", lang="en") is None
    assert caught("fire AND source:新浪", title="fire", source="新浪财经") == ["fire", "新浪"]
    assert caught("fire AND source:bbc.co.uk", title="fire", url="https://www.bbc.co.uk/news/1") == [
        "fire",
        "bbc.co.uk",
    ]
    assert caught("fire AND source:bbc.co.uk", title="fire", url="https://notbbc.co.uk/") is None
    assert caught("fire AND url:/sport/", title="fire", url="https://x.org/sport/1") == ["fire", "/sport/"]


@pytest.mark.parametrize(
    ("title", "lang"),
    [
        ("海港食品回应产品质量问题，Harbour 股价下跌", "zh-hans"),
        ("海港食品回應產品質量問題，股價下跌", "zh-hant"),
        ("ハーバーの株価が下落", "ja"),
        ("하버 주가 하락", "ko"),
        ("Harbour shares fall after recall", "en"),
        ("Акции упали", ""),
        ("2026", ""),
    ],
)
def test_a_missing_language_is_guessed_from_the_script(title: str, lang: str) -> None:
    assert Reading(Article(id="a", title=title)).lang == lang
    assert Reading(Article(id="a", title=title, lang="fr_CA")).lang == "fr-ca"


def test_spans_are_sorted_and_say_the_term_as_written() -> None:
    matcher = Matcher([Watch(id="w", query="Tesla OR 特斯拉")])

    (mention,) = matcher.match(Article(id="a", title="特斯拉 TESLA", body="tesla"))

    assert [tuple(span) for span in mention.spans] == [
        ("title", 0, 3, "特斯拉"),
        ("title", 4, 9, "Tesla"),
        ("body", 0, 5, "Tesla"),
    ]


def test_mentions_come_in_the_order_of_the_watches() -> None:
    matcher = Matcher([Watch(id=str(number), query="fire") for number in range(5)])
    matcher.replace(Watch(id="1", query="fire OR smoke"))
    matcher.remove("3")
    matcher.add(Watch(id="3", query="fire"))

    assert [mention.watch for mention in matcher.match(Article(id="a", title="fire"))] == ["0", "1", "2", "4", "3"]


def test_a_changed_watch_counts_from_the_next_article() -> None:
    article = Article(id="a", title="fire and smoke")
    matcher = Matcher([Watch(id=str(number), query=f"word{number}") for number in range(300)])

    assert matcher.match(article) == ()
    matcher.replace(Watch(id="7", query="smoke"))
    assert [mention.watch for mention in matcher.match(article)] == ["7"]
    matcher.replace(Watch(id="7", query="rain"))
    assert matcher.match(article) == ()
    matcher.add(Watch(id="new", query="fire"))
    matcher.remove("7")
    assert [mention.watch for mention in matcher.match(article)] == ["new"]
    assert len(matcher) == 300 and "new" in matcher and "7" not in matcher


def test_many_changes_and_a_merge_leave_the_same_watches() -> None:
    article = Article(id="a", title=" ".join(f"word{number}" for number in range(400)))
    matcher = Matcher([Watch(id=str(number), query=f"word{number}") for number in range(200)])
    for number in range(200, 400):
        matcher.add(Watch(id=str(number), query=f"word{number}"))
    for number in range(0, 400, 3):
        matcher.remove(str(number))
    for number in range(1, 400, 3):
        matcher.replace(Watch(id=str(number), query=f"word{number} AND NOT word0"))
    expected = [str(number) for number in range(2, 400, 3)]

    assert [mention.watch for mention in matcher.match(article)] == expected
    assert matcher.wants_merge
    matcher.merge()
    assert not matcher.wants_merge
    assert [mention.watch for mention in matcher.match(article)] == expected


def test_a_merge_keeps_what_changed_meanwhile() -> None:
    matcher = Matcher([Watch(id=str(number), query=f"word{number}") for number in range(500)])
    article = Article(id="a", title="fire word3")
    stop = threading.Event()

    def merge() -> None:
        while not stop.is_set():
            matcher.merge()

    thread = threading.Thread(target=merge)
    thread.start()
    try:
        for number in range(40):
            matcher.replace(Watch(id="3", query="fire" if number % 2 else "smoke"))
            assert len(matcher.match(article)) == number % 2
    finally:
        stop.set()
        thread.join()


def test_a_wrong_query_changes_nothing() -> None:
    matcher = Matcher([Watch(id="w", query="fire")])

    with pytest.raises(QueryInvalid):
        matcher.replace(Watch(id="w", query="fire AND"))
    with pytest.raises(KeyError):
        matcher.add(Watch(id="w", query="smoke"))
    with pytest.raises(KeyError):
        matcher.remove("unknown")
    assert matcher.match(Article(id="a", title="fire"))


def test_a_watch_that_cannot_be_read_is_told_and_left_out_where_the_others_must_go_on() -> None:
    left_out: list[tuple[str, str]] = []
    watches = [Watch(id="broken", query="(foo"), Watch(id="whole", query="bar")]

    matcher = Matcher(watches, left_out=lambda watch, wrong: left_out.append((watch.id, wrong.problems[0].code)))

    assert left_out == [("broken", "E101")]
    assert [mention.watch for mention in matcher.match(Article(id="1", title="foo bar"))] == ["whole"]
    with pytest.raises(QueryInvalid):
        Matcher(watches)


def test_half_a_surrogate_pair_harms_nothing() -> None:
    assert caught("fire", title="\ud83d fire \udc4d") == ["fire"]
    assert caught("火灾", title="\ud83d火灾") == ["火灾"]


def test_no_watches_catch_nothing() -> None:
    assert Matcher().match(Article(id="a", title="fire")) == ()


@pytest.mark.parametrize(
    ("query", "title", "failed", "reason"),
    [
        ("ban", "urban", "ban", "R_inside"),
        ("ban", "nothing", "ban", "R_not_found"),
        ("{IT}", "it", "{IT}", "R_other_spelling"),
        ("fire AND NOT juice", "fire juice", "NOT juice", "R_excluded"),
        ("fire NEAR/1 smoke", "fire a b smoke", "fire NEAR/1 smoke", "R_too_far"),
        ("fire ONEAR/3 smoke", "smoke fire", "fire ONEAR/3 smoke", "R_wrong_order"),
        ("fire NEAR fire", "fire", "fire NEAR/5 fire", "R_never_near"),
        ("海天 UNLESS 波罗的海天", "波罗的海天气", "海天 UNLESS 波罗的海天", "R_masked"),
        ("atleast/2 fire", "fire", "atleast/2 fire", "R_too_few"),
        ("body:fire", "fire", "body:fire", "R_other_place"),
        ("fire AND lang:zh", "fire", "lang:zh", "R_other_value"),
        ("fire AND source:bbc", "fire", "source:bbc", "R_no_value"),
        ("fire AND (rain OR snow)", "fire", "rain", "R_not_found"),
    ],
)
def test_an_explanation_names_the_clause_that_failed(query: str, title: str, failed: str, reason: str) -> None:
    explanation = explain(Article(id="a", title=title), Watch(id="w", query=query))

    assert not explanation.matched
    assert (explanation.failed[0].written, explanation.failed[0].reason) == (failed, reason)
    assert all(clause.because("zh") and clause.because("en") for clause in explanation.failed)


def test_where_nothing_is_masked_nothing_is_said_to_be_left_out() -> None:
    watch = Watch(id="w", query="海天 UNLESS 波罗的海天")

    plain = explain(Article(id="a", title="海天酱油"), watch).clause
    mixed = explain(Article(id="b", title="海天酱油，波罗的海天气"), watch).clause

    assert (plain.because("en"), plain.because("zh")) == ("occurs 1×.", "出现 1 次。")
    assert mixed.because("en") == "occurs 1×, 1 more left out."


def test_an_explanation_of_a_match_shows_the_spans_of_the_mention() -> None:
    watch = Watch(id="w", query="(fire OR blaze) NEAR/5 factory AND NOT drill AND lang:en AND source:bbc")
    article = Article(id="a", title="Blaze at a factory", body="fire", lang="en", source="BBC News")

    explanation = explain(article, watch)

    assert explanation.matched and explanation.failed == ()
    assert set(explanation.clause.spans) == set(Matcher([watch]).match(article)[0].spans)


@pytest.mark.parametrize(
    "query",
    [
        "fire NEAR/50 smoke NEAR/50 fire NEAR/50 smoke NEAR/50 fire",
        "fire UNLESS/50 absent UNLESS smoke",
        "firea*a*b OR atleast/100 (fire OR smoke OR 火)",
    ],
)
@pytest.mark.timeout(120)  # Trying every combination would take hours.
def test_a_text_made_to_hold_everything_up_does_not(query: str) -> None:
    text = "fire smoke 火 " * 4000 + "firea" + "a" * 50_000
    matcher = Matcher([Watch(id="w", query=query)])

    matcher.match(Article(id="a", title="x", body=text))


def test_a_language_is_written_in_every_width_and_case() -> None:
    assert caught("星炉 AND lang：ＺＨ－hans", title="星炉", lang="zh_Hans") == ["星炉"]


def test_a_phrase_as_long_as_a_page_is_a_watch_like_any_other() -> None:
    phrase = "召回" * 900
    matcher = Matcher([Watch(id="page", query=phrase), Watch(id="short", query="召回")])

    found = matcher.match(Article(id="1", title="启事", body=f"原文：{phrase}。"))

    assert [mention.watch for mention in found] == ["page", "short"]
