"""The whole stream for one organisation: woken when it matters, and by nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.content.alarms import alarms
from crisis.content.lexicon import lexicon
from crisis.core.text import Lang
from monitors.alert import Alert, Level
from monitors.article import Article
from monitors.listen import Listener
from monitors.organisation import Organisation
from monitors.silencer import Silencer

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FERRY = Organisation(
    name="Northwind Ferries",
    aliases=("Northwind",),
    people=("Ada Marlow",),
    products=("Aurora Class",),
    suppliers=("Hullworks",),
    peers=("Bluewave Lines",),
    exclude=("Northwind Records",),
    industry="shipping",
)
TEA = Organisation(name="青禾茶饮", aliases=("青禾",), products=("青禾奶盖",), people=("周岚",), industry="茶饮")


def listener(organisation: Organisation = FERRY, *, quiet_before: datetime | None = None) -> Listener:
    return Listener(organisation, alarms().rules(), lexicon(), quiet_before=quiet_before)


def article(title: str, *, hours: float = 0, source: str = "paper", identity: str = "", body: str = "") -> Article:
    at = NOON + timedelta(hours=hours)
    return Article(id=identity or f"{source} {title} {hours}", title=title, body=body, source=source, published=at)


def heard(ear: Listener, *articles: Article) -> list[Alert]:
    return [alert for one in articles if (alert := ear.hear(one)) is not None]


def test_a_grave_passage_about_the_organisation_wakes_at_once() -> None:
    (alert,) = heard(listener(), article("Three dead after Northwind Ferries ship catches fire off the coast"))

    assert alert.level is Level.ALERT
    assert alert.at == NOON
    assert alert.reasons[0].code == "severity"
    assert alert.independent_sources == 1


def test_a_chinese_organisation_that_answers_to_something_wakes() -> None:
    (alert,) = heard(listener(TEA), article("青禾茶饮回应原料过期争议"))

    assert alert.level is Level.ALERT
    assert {reason.code for reason in alert.reasons} >= {"response", "sources"}


def test_traditional_characters_and_full_width_are_the_same_organisation() -> None:
    assert heard(listener(TEA), article("青禾茶飲被曝使用過期原料 多人中毒"))


def test_good_and_plain_news_wakes_nobody() -> None:
    titles = (
        "Northwind Ferries opens a new route to the islands",
        "Northwind Ferries reports record passengers",
        "Northwind Ferries wins award for punctual service",
    )

    assert not heard(listener(), *(article(title, hours=30 * n) for n, title in enumerate(titles)))


def test_a_namesake_wakes_nobody() -> None:
    assert not heard(listener(), article("Northwind Records singer dead after crash, label sued for fraud"))


def test_a_short_name_without_context_is_an_ordinary_word() -> None:
    assert not heard(listener(), article("Northwind storm kills three in the hills"))
    assert heard(listener(), article("Northwind ship fire kills three, ferry port closed"))


def test_another_organisations_trouble_wakes_nobody() -> None:
    assert not heard(listener(), article("Bluewave Lines ship catches fire, three dead"))


def test_trouble_of_a_product_or_supplier_reaches_the_organisation() -> None:
    (product,) = heard(
        listener(), article("Cracks found in hull of Aurora Class vessels, inspectors warn of deadly defect")
    )
    (supplier,) = heard(listener(), article("Hullworks recalls faulty engines after deadly explosion"))

    assert product.reasons[0].code == "chain"
    assert supplier.reasons[0].code == "chain"


def test_several_voices_in_a_quiet_stream_are_a_burst() -> None:
    ear = listener()
    titles = (
        "Passengers of Northwind Ferries wait all night",
        "What travellers of Northwind Ferries tell us",
        "Northwind Ferries timetable: questions and answers",
        "Minister speaks about Northwind Ferries",
        "Northwind Ferries: a chronicle",
        "Islanders gather at the office of Northwind Ferries",
    )

    alerts = heard(ear, *(article(title, hours=n / 3, source=f"paper {n}") for n, title in enumerate(titles)))

    assert len(alerts) == 1
    burst = next(reason for reason in alerts[0].reasons if reason.code == "burst")
    assert burst.details["count"] >= 3  # type: ignore[operator]
    assert alerts[0].independent_sources >= 3


def test_wire_copies_are_one_voice() -> None:
    ear = listener()
    title = "Northwind Ferries publishes its summer timetable for the islands"

    assert not heard(ear, *(article(title, hours=n / 10, source=f"paper {n}") for n in range(12)))


def test_what_was_said_is_not_said_again() -> None:
    ear = listener()
    first = article("Three dead after Northwind Ferries ship catches fire off the coast")
    more = [
        article("Northwind Ferries ship fire: three dead, coast guard says", hours=1, source="radio"),
        article("Fire on Northwind Ferries ship kills three off the coast", hours=2, source="tv"),
        replace(first, id="again", published=NOON + timedelta(hours=3)),
    ]

    assert len(heard(ear, first, *more)) == 1


def test_a_backlog_raises_nothing_and_the_next_article_does() -> None:
    ear = listener(quiet_before=NOON)
    old = [article("Northwind Ferries ship fire kills three", hours=-n, source=f"p{n}") for n in range(300, 10, -10)]

    assert not heard(ear, *old)
    assert heard(ear, article("Northwind Ferries chief arrested for fraud", hours=1))


def test_an_article_published_long_ago_raises_nothing() -> None:
    ear = listener()
    ear.hear(article("Weather report"))

    assert not heard(ear, article("Northwind Ferries ship fire kills three", hours=-200))


def test_a_missing_date_is_never_now() -> None:
    ear = listener()
    ear.hear(article("Weather report"))
    undated = Article(id="x", title="Northwind Ferries ship fire kills three", source="paper")

    assert ear.hear(undated) is None


def test_a_date_in_the_future_does_not_stop_the_clock() -> None:
    ear = listener()
    ear.hear(article("Weather report"))
    ear.hear(article("Calendar of the year 2099", hours=24 * 365 * 70))

    assert heard(ear, article("Northwind Ferries ship fire kills three", hours=1))


def test_a_stream_that_paused_goes_on_when_a_second_article_agrees() -> None:
    ear = listener()
    ear.hear(article("Weather report"))
    ear.hear(article("Market report", hours=200))
    ear.hear(article("Sports report", hours=201))

    assert heard(ear, article("Northwind Ferries ship fire kills three", hours=202))


def test_the_first_article_after_a_long_silence_is_heard_when_our_clock_says_that_it_is_of_today() -> None:
    ear = listener()
    ear.hear(article("Weather report"), now=NOON)
    monday = NOON + timedelta(hours=80)

    assert ear.hear(article("Northwind Ferries ship fire kills three", hours=79), now=monday)


def test_a_clock_that_ran_ahead_does_not_deafen_once_it_is_right_again() -> None:
    ear = listener()
    ear.hear(article("Weather report"), now=NOON)
    year_ahead = NOON + timedelta(days=365)
    ear.hear(article("Calendar of next year", hours=24 * 365 - 3), now=year_ahead)
    ear.hear(article("Timetable of next year", hours=24 * 365 - 2), now=year_ahead)

    assert ear.hear(article("Northwind Ferries ship fire kills three", hours=2), now=NOON + timedelta(hours=2))


def test_what_was_told_while_the_clock_ran_ahead_keeps_nothing_quiet_for_a_year() -> None:
    ear = listener()
    ear.hear(article("Weather report"), now=NOON)
    assert ear.hear(article("Northwind Ferries ship fire kills three", hours=24 * 365), now=NOON + timedelta(days=365))

    ear.hear(article("Weather report again", hours=1), now=NOON + timedelta(hours=1))

    later = NOON + timedelta(hours=110)
    assert ear.hear(article("Northwind Ferries ferry sinks, nine dead", hours=110), now=later)


def test_a_first_article_with_a_wrong_date_does_not_deafen() -> None:
    ear = listener()
    ear.hear(article("Calendar of the year 2099", hours=24 * 365 * 70))
    ear.hear(article("Weather report"))
    ear.hear(article("Market report", hours=1))

    assert heard(ear, article("Northwind Ferries ship fire kills three", hours=1))


def test_a_feed_that_publishes_everything_again_raises_nothing_new() -> None:
    ear = listener()
    once = [article("Northwind Ferries ship fire kills three"), article("Northwind Ferries timetable", hours=1)]
    alerts = heard(ear, *once)

    again = heard(ear, *once, *(replace(one, id=one.id + "#2", published=NOON + timedelta(hours=5)) for one in once))

    assert len(alerts) == 1
    assert not again


def test_single_passages_wake_at_most_as_often_as_the_budget_allows() -> None:
    ear = listener()
    harms = ("fined", "sued", "boycotted", "accused of fraud", "hacked", "raided", "investigated", "downgraded")
    alerts = heard(
        ear,
        *(article(f"Northwind Ferries {harms[n % 8]} over matter number {n * 7}", hours=n * 31) for n in range(220)),
    )
    days = 220 * 31 / 24

    singles = [alert for alert in alerts if not any(reason.code == "burst" for reason in alert.reasons)]
    assert 2 <= len(singles) <= 3 + days / 36


def test_an_industry_is_known_by_whole_words() -> None:
    rules = alarms().rules()

    assert "flight" in rules.words_of("airline")
    assert "直播间" in rules.words_of("直播电商")
    assert "car" not in rules.words_of("healthcare")
    assert "train" not in rules.words_of("retail")
    assert not rules.words_of("")


def test_a_busy_name_needs_more_than_a_bad_word() -> None:
    ear = listener()
    busy = (article(f"Northwind Ferries calendar entry number {n * 13}", hours=n * 1.5) for n in range(400))
    heard(ear, *busy)

    assert not heard(ear, article("Northwind Ferries sued", hours=700))
    assert heard(ear, article("Northwind Ferries fire kills three", hours=701))


def test_digest_titles_are_read_in_parts() -> None:
    digest = "早报｜某航空公司客机坠毁；青禾茶饮发布新品；多人在矿难中遇难"

    assert not heard(listener(TEA), article(digest))


def test_memory_survives_a_restart() -> None:
    ear = listener()
    first = [
        article("Three dead after Northwind Ferries ship catches fire off the coast"),
        article("Northwind Ferries timetable", hours=1),
    ]
    heard(ear, *first)
    again = listener()
    again.load(json.loads(json.dumps(ear.dump())))
    rest = [
        article("Fire on Northwind Ferries ship kills three off the coast", hours=2, source="tv"),
        article("Northwind Ferries accused of fraud by regulators", hours=40, source="tv"),
    ]

    assert heard(again, *rest) == heard(ear, *rest)


def test_every_reason_can_be_read_in_both_languages() -> None:
    rules = alarms()
    (alert,) = heard(listener(), article("Three dead after Northwind Ferries ship catches fire off the coast"))

    for reason in alert.reasons:
        assert rules.sentence(reason, Lang.EN) != rules.sentence(reason, Lang.ZH)


@pytest.mark.parametrize("lang", [Lang.ZH, Lang.EN])
def test_the_wording_has_a_place_for_every_code(lang: Lang) -> None:
    assert set(alarms().wording) == {"severity", "response", "chain", "burst", "top", "topic", "sector", "sources"}
    assert all(text[lang] for text in alarms().wording.values())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Northwind Ferries", "Ada Marlow", "Bluewave Lines", "the council", "Hullworks"]),
            st.sampled_from(["sued for fraud", "opens route", "fire kills three", "denies claims", "sings"]),
            st.integers(-2000, 2000),
        ),
        max_size=40,
    )
)
def test_no_stream_however_disordered_breaks_it_or_alarms_in_the_past(items: list[tuple[str, str, int]]) -> None:
    ear = listener(quiet_before=NOON)
    for number, (who, what, hours) in enumerate(items):
        one = article(f"{who} {what} {number}", hours=hours, identity=str(number))
        alert = ear.hear(one)
        if alert is not None:
            assert alert.at == one.published >= NOON
            assert alert.articles[0] == one.id
            assert alert.independent_sources >= 1
    assert json.dumps(ear.dump())


def test_the_trade_in_the_first_report_and_the_product_in_the_second_are_one_affair() -> None:
    tea = replace(TEA, products=("奶盖",))
    first = article("记者调查冷库运输乱象", source="board")
    second = article("冷库清晨直接装运奶盖", hours=0.1, source="board")

    (alert,) = heard(listener(tea), article("天气预报"), first, second)

    assert alert.title == second.title
    assert not heard(listener(tea), article("天气预报"), second)


def test_harm_in_the_title_counts_for_the_name_that_the_text_leads_with() -> None:
    text = "A passenger fell down a stairway last night. The ship belongs to Northwind Ferries, who gave no comment."

    (alert,) = heard(listener(), article("Woman killed on island ferry", body=text))

    assert alert.level is Level.ALERT


def test_a_name_far_down_in_a_round_up_is_not_what_its_title_is_about() -> None:
    text = "Three other things happened. " * 40 + "Northwind Ferries opens a new route."

    assert not heard(listener(), article("Woman killed in mountain fall", body=text))


def test_a_namesake_in_the_text_is_not_led_by_the_title() -> None:
    text = "The singer was signed by Northwind Records last year."

    assert not heard(listener(), article("Two dead after concert stage collapses", body=text))


def test_a_story_that_was_told_of_flares_up_as_news_once_the_team_sleeps_again() -> None:
    rules = alarms().rules()
    silencer = Silencer(rules)
    silencer.told(NOON, "s1", "conduct", Level.ALERT)
    sleeps = NOON + timedelta(hours=rules.awake_hours)

    assert not silencer.may_burst(sleeps - timedelta(minutes=1))
    assert silencer.may_burst(sleeps)
    assert not silencer.may_alert(sleeps, "s1", "conduct", grave=True)
