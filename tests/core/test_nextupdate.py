"""When a text says that people will hear next, read as they read it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crisis.content.library import Library
from crisis.core.nextupdate import announced
from crisis.core.spokentime import spoken_time

HOME = ZoneInfo("Asia/Shanghai")
# A Thursday.
SAID = datetime(2026, 5, 14, 9, 6, tzinfo=HOME)


def at(day: int, hour: int, minute: int = 0, month: int = 5, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=HOME)


def moment_of(lang: str, sentence: str, said_at: datetime = SAID) -> datetime | None:
    found = spoken_time(sentence, lang=lang, said_at=said_at)
    assert found is None or found.is_clear
    return None if found is None else found.at


@pytest.mark.parametrize(
    ("lang", "sentence", "moment"),
    [
        ("zh", "下一次通报时间是5月14日12:30,届时没有新情况也照发。", at(14, 12, 30)),
        ("zh", "下一次通报时间:今天18:00。", at(14, 18)),
        ("zh", "明早10时在中环码头再作交代。", at(15, 10)),
        ("zh", "今天下午三点半再通报。", at(14, 15, 30)),
        ("zh", "今晚8点发布进展。", at(14, 20)),
        ("zh", "周五上午十点前公布结果。", at(15, 10)),
        ("zh", "下周一9时再通报。", at(18, 9)),
        ("zh", "16日中午12时更新。", at(16, 12)),
        ("zh", "我们将在三小时内再次通报。", at(14, 12, 6)),
        ("zh", "2026年6月1日08:00发布报告。", at(1, 8, month=6)),
        ("zh", "昨日上午9时发生,今天17:00再通报。", at(14, 17)),
        ("zh", "中午再通报。", at(14, 12)),
        ("zh", "8:30再通报。", at(15, 8, 30)),
        ("zh", "今日24时前再通报。", at(15, 0)),
        ("zh", "今晚12点前再通报。", at(15, 0)),
        ("zh", "明晚0点再通报。", at(16, 0)),
        ("zh", "明日0时再通报。", at(15, 0)),
        ("zh", "今日25时再通报。", None),
        ("zh", "明天再通报。", None),
        ("zh", "我们将及时更新进展。", None),
        ("en", "the next update is at 12:30 on 14 may, with or without news.", at(14, 12, 30)),
        ("en", "next update at 18:00 today.", at(14, 18)),
        ("en", "we speak again tomorrow at 10 a.m.", at(15, 10)),
        ("en", "our next post is at 2.30 p.m., sooner if service is back.", at(14, 14, 30)),
        ("en", "the next update follows on friday at noon.", at(15, 12)),
        ("en", "next update: may 16th, 9 am.", at(16, 9)),
        ("en", "we will update you within three hours.", at(14, 12, 6)),
        ("en", "the next update is by midnight tonight.", at(15, 0)),
        ("en", "next update tomorrow.", None),
        ("en", "25:70 is no time.", None),
    ],
)
def test_the_moment_that_a_sentence_names(lang: str, sentence: str, moment: datetime | None) -> None:
    assert moment_of(lang, sentence) == moment


@pytest.mark.parametrize(
    ("lang", "sentence"), [("zh", "1月2日10:00再通报。"), ("en", "next update at 10:00 on 2 january.")]
)
def test_a_text_of_december_speaks_of_the_january_that_comes(lang: str, sentence: str) -> None:
    said_at = at(30, 9, month=12)

    assert moment_of(lang, sentence, said_at) == at(2, 10, month=1, year=2027)


def test_a_text_is_held_to_its_own_closing_sentence(content: Library) -> None:
    text = "声明\n今天上午九点，我们接到消息。\n下一次通报时间：5月14日12:30，没有新情况也照发。\n星炉炊具\n"

    found = announced(text, lang="zh", said_at=SAID, checks=content.checks)

    assert found is not None
    assert found.at == at(14, 12, 30)
    assert found.words == "下一次通报时间：5月14日12:30，没有新情况也照发。"


def test_the_same_in_english(content: Library) -> None:
    text = (
        "Statement\nAt 9 a.m. today we were told of an accident.\nThe next update is at 12:30 on 14 May.\nStarhearth\n"
    )

    found = announced(text, lang="en", said_at=SAID, checks=content.checks)

    assert found is not None
    assert found.at == at(14, 12, 30)


def test_what_is_over_was_told_and_not_promised(content: Library) -> None:
    text = "今天上午九点，我们接到消息，杭州一户人家的厨房发生燃气事故。\n"

    assert announced(text, lang="zh", said_at=SAID, checks=content.checks) is None


@pytest.mark.timeout(20)  # With a part that may be of any length each figure began another try: half a minute.
def test_a_row_of_figures_is_read_in_a_moment(content: Library) -> None:
    assert announced("1" * 20_000, lang="zh", said_at=SAID, checks=content.checks) is None


# Zones


@pytest.mark.parametrize(
    ("lang", "sentence", "moment"),
    [
        ("zh", "下一次通报时间:北京时间今天18:00。", at(14, 18)),
        ("zh", "下一次通报时间:香港时间今天18时。", at(14, 18)),
        ("zh", "东京时间今天18时再通报。", at(14, 17)),
        ("zh", "伦敦时间今天11:00再通报。", at(14, 18)),
        ("zh", "北京时间18:00(伦敦时间11:00)再通报。", at(14, 18)),
        ("zh", "今天18:00(东八区)再通报。", at(14, 18)),
        ("zh", "今天18:00(东8时区)再通报。", at(14, 18)),
        ("zh", "美东时间周五上午10点再通报。", at(15, 22)),
        ("zh", "今天10:00gmt再通报。", at(14, 18)),
        ("en", "the next update is at 12:30 gmt on 14 may.", at(14, 20, 30)),
        ("en", "the next update is at 18:00 (utc+8).", at(14, 18)),
        ("en", "the next update is at 18:00 utc+05:30 today.", at(14, 20, 30)),
        ("en", "next update: 5 p.m. cest today.", at(14, 23)),
        ("en", "we speak again at 10 a.m. bst.", at(14, 17)),
        ("en", "we speak again at 10 a.m. et on 15 may.", at(15, 22)),
        ("en", "we speak again at 10 a.m. eastern time on friday.", at(15, 22)),
        ("en", "next update at 18:00 beijing time (10:00 gmt).", at(14, 18)),
        ("en", "next update at 11 p.m. london time today.", at(15, 6)),
        ("en", "next update at 18:00 local time (utc+8).", at(14, 18)),
        ("en", "next update at 18:00 hkt.", at(14, 18)),
        ("en", "the best estimate: within three hours, cst.", at(14, 12, 6)),
        ("en", "et al. speak again at 18:00.", at(14, 18)),
    ],
)
def test_a_clock_is_that_of_the_zone_which_the_sentence_names(lang: str, sentence: str, moment: datetime) -> None:
    assert moment_of(lang, sentence) == moment


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en", "next update at 6 p.m. cst today."),
        ("en", "next update at 18:00 ist."),
        ("en", "next update at 6 p.m. local time today."),
        ("zh", "下次更新:当地时间18时。"),
        # In May the clocks there show another time than these names say.
        ("en", "next update at 10 a.m. est on 15 may."),
        ("en", "next update at 17:00 cet today."),
        ("en", "next update at 17:00 utc+25 today."),
        # It is the day before there: whose tomorrow is meant?
        ("en", "we speak again at 10 a.m. et tomorrow."),
        ("zh", "美东时间明天上午10点再通报。"),
    ],
)
def test_a_zone_that_can_be_read_in_two_ways_is_not_guessed(lang: str, sentence: str) -> None:
    found = spoken_time(sentence, lang=lang, said_at=SAID)

    assert found is not None and not found.is_clear


def test_in_its_season_such_a_name_is_clear() -> None:
    said_at = datetime(2026, 1, 14, 9, 6, tzinfo=HOME)

    assert moment_of("en", "next update at 10 a.m. est on 15 january.", said_at) == at(15, 23, month=1)
    assert moment_of("en", "next update at 17:00 cet today.", said_at) == at(15, 0, month=1)


def test_what_a_text_announces_in_an_unclear_zone_has_its_words_and_no_time(content: Library) -> None:
    text = "Statement\nThe next update is at 6 p.m. CST on 14 May.\nStarhearth\n"

    found = announced(text, lang="en", said_at=SAID, checks=content.checks)

    assert found is not None
    assert (found.at, found.zone) == (None, "CST")


def test_what_is_over_in_every_zone_was_told(content: Library) -> None:
    text = "Statement\nThe next update is at 6 a.m. CST on 12 May.\nStarhearth\n"

    assert announced(text, lang="en", said_at=SAID, checks=content.checks) is None
