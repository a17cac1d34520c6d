"""Dates in every habit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.dates import CHINA, parse_date, zone_of_language


def at(*parts: int, hours: float = 0) -> datetime:
    return datetime(*parts, tzinfo=timezone(timedelta(hours=hours)))  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-05-14T09:06:00+08:00", at(2024, 5, 14, 9, 6, hours=8)),
        ("2024-05-14T09:06:00.123Z", at(2024, 5, 14, 9, 6)),
        ("2024-05-14 09:06:00", at(2024, 5, 14, 9, 6)),
        ("2024-05-14T09:06:00 +0800", at(2024, 5, 14, 9, 6, hours=8)),
        ("2024-05-14T24:00:00Z", at(2024, 5, 15)),
        ("2024-05-14", at(2024, 5, 14)),
        ("2003-12", at(2003, 12, 1)),
        ("2003-335", at(2003, 12, 1)),
        ("20240514T090600Z", at(2024, 5, 14, 9, 6)),
        ("1715648760", at(2024, 5, 14, 1, 6)),
        ("1715648760000", at(2024, 5, 14, 1, 6)),
        ("Tue, 14 May 2024 09:06:00 +0800", at(2024, 5, 14, 9, 6, hours=8)),
        ("Tue,14 May 2024 9:6:5 GMT+9", at(2024, 5, 14, 9, 6, 5, hours=9)),
        ("14 May 24 09:06 GMT", at(2024, 5, 14, 9, 6)),
        ("Tue, 14 May 2024 09:06:00 EDT", at(2024, 5, 14, 9, 6, hours=-4)),
        ("Tue, 14 May 2024 09:06:00 +0000 (UTC)", at(2024, 5, 14, 9, 6)),
        ("Tue, 14 May 2024", at(2024, 5, 14)),
        ("Sun Jan  4 16:29:06 PST 2004", at(2004, 1, 4, 16, 29, 6, hours=-8)),
        ("May 14, 2024 3:15 PM", at(2024, 5, 14, 15, 15)),
        ("Tuesday, May 14, 2024 - 15:15", at(2024, 5, 14, 15, 15)),
        ("14 de mayo de 2024", at(2024, 5, 14)),
        ("14 juin 2024 09:06", at(2024, 6, 14, 9, 6)),
        ("14.05.2024 09:06", at(2024, 5, 14, 9, 6)),
        ("14/05/2024", at(2024, 5, 14)),
        ("2024/5/14 9:06", at(2024, 5, 14, 9, 6)),
        ("2024年5月14日 上午9:06", at(2024, 5, 14, 9, 6, hours=8)),
        ("2024年5月14日 星期二 下午3时06分", at(2024, 5, 14, 15, 6, hours=8)),
        ("2024年05月14日23:20:01", at(2024, 5, 14, 23, 20, 1, hours=8)),
        ("２０２４年５月１４日　９：０６", at(2024, 5, 14, 9, 6, hours=8)),
        ("2024年5月14日 凌晨12:30", at(2024, 5, 14, 0, 30, hours=8)),
        ("2024年5月14日 中午12:30", at(2024, 5, 14, 12, 30, hours=8)),
        ("2024-05-14 下午 3:06", at(2024, 5, 14, 15, 6, hours=8)),
        ("二〇二四年五月二十三日", at(2024, 5, 23, hours=8)),
        ("民國113年5月14日", at(2024, 5, 14, hours=8)),
        ("2004년 05월 28일 오후 11:23:23", at(2004, 5, 28, 23, 23, 23, hours=9)),
        ("2004-05-25 오후 11:23:17", at(2004, 5, 25, 23, 23, 17, hours=9)),
        ("Thu, 5 Apr 2012 10:00:00 Asia/Shanghai", at(2012, 4, 5, 10, hours=8)),
    ],
)
def test_a_date_is_read(text: str, moment: datetime) -> None:
    found = parse_date(text)

    assert found == moment
    assert found is not None and found.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "yesterday", "3小时前", "now", "soon", "04/05/2024", "2024-13-45", "31 Feb 2024", "25:61",
        "Mon, 01 Jan 0001 00:00:00 +0000", "1899-12-30", "9999-12-31T23:59:59-12:00", "12345", "x" * 10_000, "1 " * 40,
        "2024-05-14T09:06:00+99:99", "99999999999999999999", "年月日",
    ],
)  # fmt: skip
def test_what_is_not_certainly_a_date_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_a_chinese_source_without_zone_means_its_own_time_and_its_own_cst() -> None:
    zone = zone_of_language("zh-CN")

    assert parse_date("2024-05-14 09:06:00", assume=zone) == at(2024, 5, 14, 9, 6, hours=8)
    assert parse_date("Tue, 14 May 2024 09:06:00 CST", assume=zone) == at(2024, 5, 14, 9, 6, hours=8)
    assert parse_date("Tue, 14 May 2024 09:06:00 CST") == at(2024, 5, 14, 9, 6, hours=-6)
    assert zone_of_language("en-GB") is UTC


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("刚刚", at(2024, 5, 20, 10, hours=8)),
        ("5分钟前", at(2024, 5, 20, 9, 55, hours=8)),
        ("半小时前", at(2024, 5, 20, 9, 30, hours=8)),
        ("3 hours ago", at(2024, 5, 20, 7, hours=8)),
        ("昨天 12:30", at(2024, 5, 19, 12, 30, hours=8)),
        ("05-14 09:06", at(2024, 5, 14, 9, 6, hours=8)),
        ("12月31日", at(2023, 12, 31, hours=8)),
    ],
)
def test_relative_dates_need_to_know_what_time_it_is(text: str, moment: datetime) -> None:
    assert parse_date(text) is None
    assert parse_date(text, assume=CHINA, now=at(2024, 5, 20, 10, hours=8)) == moment


MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0))
ZONES = st.integers(-11 * 60, 13 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, ZONES)
@settings(max_examples=150, deadline=None)
def test_what_a_program_writes_by_the_standards_is_read_back(moment: datetime, zone: timezone) -> None:
    moment = moment.replace(tzinfo=zone)

    assert parse_date(moment.isoformat()) == moment
    assert parse_date(format_datetime(moment)) == moment
    assert parse_date(f"{moment.timestamp():.0f}") == moment or not 10**9 <= moment.timestamp() < 10**10


@given(st.text(alphabet="0123456789年月日时分上下午:-/. ,TZ+GMTayJunFebago前昨天", max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_it_stumble(text: str) -> None:
    found = parse_date(text, now=datetime(2024, 5, 20, tzinfo=UTC))

    assert found is None or found.tzinfo is not None


@given(
    st.sampled_from(
        ("2024-02-{day:02}T{hour:02}:06:{second:02}.5{zone}", "Tue, {day} Feb 2024 {hour:02}:06:{second:02} {zone}")
    ),
    st.integers(0, 32),
    st.integers(0, 25),
    st.integers(0, 61),
    st.sampled_from(("Z", "GMT", "CST", "EST", "XYZ", "+0800", "+08:00", "-00:00", "+24:00", "+14:60", "+2460", "")),
)
@settings(max_examples=300, deadline=None)
def test_the_commonest_dates_are_read_quickly_as_they_would_be_slowly(
    shape: str, day: int, hour: int, second: int, zone: str
) -> None:
    text = shape.format(day=day, hour=hour, second=second, zone=zone)

    # With a space before it a date is not one of the commonest.
    assert parse_date(text, assume=CHINA) == parse_date(f" {text}", assume=CHINA)
