"""The time that a sentence names, as people write it in a statement: 明日上午10时, 11月22日23:30, 5 p.m. tomorrow.

    day    11月22日 · 22日 · 明天 · 周五 · 2026-05-15      22 November · Friday · tomorrow · 2026-05-15
    clock  23:30 · 10时 · 下午三点半 · 中午                 23:30 · 5 p.m. · noon
    span   三小时内                                         within three hours

A day without a clock is no time: nobody can be late by a day that has not ended. A clock is that of the zone which the
sentence names (`crisis.core.spokenzone`), else of the organisation's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from crisis.core.spokenzone import NamedZone, named_zones, nearest

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_WEEKDAYS = "mon tue wed thu fri sat sun".split()  # noqa: SIM905
_N = r"\d{1,2}|[零〇一二两三四五六七八九十]{1,3}"

_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_ZH_DATE = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]")
_ZH_DAY = re.compile(r"(?<![\d月])(\d{1,2})[日号]")
_ZH_NEAR = re.compile(r"(今|当|明|次|后|大后)[天日晚早]")
_ZH_WEEKDAY = re.compile(r"(下)?(?:周|星期|礼拜)([一二三四五六日天])")
_ZH_CLOCK = re.compile(
    rf"(凌晨|清晨|早上|早晨|早|上午|中午|正午|下午|午后|傍晚|晚上|晚间|夜间|晚)?\s?"
    rf"(?:(\d{{1,2}}):(\d{{2}})|({_N})[点时](?!候|间|期|常)(?:(半)|(?:过)?([一三])刻|({_N})分?)?)"
)
_ZH_NOON = re.compile(r"中午|正午")
_ZH_SPAN = re.compile(rf"({_N})\s?个?(?:小时|钟头)(?:之?内|以内|后|之后|以后)")

_MONTH = "|".join(_MONTHS)
_EN_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})[a-z]*\.?(?:,? (\d{{4}}))?"
    rf"|\b({_MONTH})[a-z]*\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?"
)
_EN_NEAR = re.compile(r"\b(today|tonight|tomorrow|this (?:morning|afternoon|evening))\b")
_EN_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)})(?:day|sday|nesday|rsday|urday)\b")
_EN_CLOCK = re.compile(
    r"\b(\d{1,2})(?:[:.](\d{2}))?\s?(a\.?m|p\.?m|o.clock|hrs)\b|\b(\d{1,2})[:.](\d{2})\b|\b(noon|midday|midnight)\b"
)
_EN_SPAN = re.compile(rf"\b(?:within|in) (?:the next )?(\d{{1,2}}|{'|'.join(_WORDS)}) hours?\b")


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A moment that a sentence names, in the zone of whoever has said it.

    `zone` is the time zone that stands beside the clock, if one does. Where that can be read in two ways (`is_clear` is
    False) `at` is only what it would be by one's own clock. `span` is more than nothing for "within three hours".
    """

    at: datetime
    zone: NamedZone | None = None
    is_clear: bool = True
    span: timedelta = timedelta(0)


def spoken_time(folded: str, *, lang: str, said_at: datetime) -> Spoken | None:
    """The moment that a sentence names, or None where it names no clock.

    `folded` is lower case, half width and simplified. A clock without a day is the next one after `said_at`; a
    date without a year is the nearest that is not half a year past.
    """
    zones = named_zones(folded)
    # The figures of an offset are no clock: UTC+05:30, 东8时区.
    for named in zones:
        folded = folded[: named.start] + " " * (named.end - named.start) + folded[named.end :]
    span = (_EN_SPAN if lang == "en" else _ZH_SPAN).search(folded)
    if span is not None:
        hours = timedelta(hours=_number(span.group(1)))
        return Spoken(at=said_at + hours, span=hours)
    clock = _en_clock(folded) if lang == "en" else _zh_clock(folded)
    if clock is None:
        return None
    start, end, hour = clock
    beside = nearest(zones, start=start, end=end)
    day = _day(folded, lang=lang, said_at=said_at, near=start)
    if beside is None or beside.zone is None:
        return Spoken(at=_moment(day, hour, said_at), zone=beside, is_clear=beside is None)
    # Tomorrow there may be another day than tomorrow here: then the sentence can be read in two ways, too.
    there = said_at.astimezone(beside.zone)
    day_there = _day(folded, lang=lang, said_at=there, near=start)
    at = _moment(day_there, hour, there)
    return Spoken(at=at.astimezone(said_at.tzinfo), zone=beside, is_clear=day_there == day and beside.is_clear(at))


def _moment(day: date | None, clock: timedelta, said_at: datetime) -> datetime:
    if day is not None:
        return _at(day, clock, said_at)
    at = _at(said_at.date(), clock, said_at)
    return at if at > said_at else at + timedelta(days=1)


def _at(day: date, clock: timedelta, said_at: datetime) -> datetime:
    return datetime.combine(day, time(), said_at.tzinfo) + clock


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    if text in _WORDS:
        return _WORDS.index(text)
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS.get(tens, 1) if ten else 0) * 10 + _DIGITS.get(ones, 0)


# A clock is the span since the day began: people count the hours after midnight to the night before, and say 24:00.
_MIDNIGHT = timedelta(hours=24)


def _clock(hour: int, minute: int, match: re.Match[str]) -> tuple[int, int, timedelta] | None:
    span = timedelta(hours=hour, minutes=minute)
    return (match.start(), match.end(), span) if minute < 60 and span <= _MIDNIGHT else None


def _zh_clock(folded: str) -> tuple[int, int, timedelta] | None:
    """The last clock of a sentence with its place: what comes first is when things were."""
    found = None
    for match in _ZH_CLOCK.finditer(folded):
        part, digits, minutes, spoken, half, quarter, spoken_minutes = match.groups()
        hour = int(digits) if digits else _number(spoken)
        minute = int(minutes) if minutes else 30 if half else 15 * _number(quarter) if quarter else 0
        minute = _number(spoken_minutes) if spoken_minutes else minute
        # 今晚8时, 明晚八点: the evening stands in the word for the day.
        night = part in ("晚上", "晚间", "夜间", "晚") or folded[: match.start()].endswith("晚")
        late = night or part in ("下午", "午后", "傍晚")
        if night and hour in (0, 12):
            hour, minute = 24, 0
        elif hour < 12 and (late or (part in ("中午", "正午") and hour < 4)):
            hour += 12
        found = _clock(hour, minute, match) or found
    noon = _ZH_NOON.search(folded)
    return found or ((noon.start(), noon.end(), timedelta(hours=12)) if noon else None)


def _en_clock(folded: str) -> tuple[int, int, timedelta] | None:
    found = None
    for match in _EN_CLOCK.finditer(folded):
        hour, minute, half, plain_hour, plain_minute, named = match.groups()
        if named:
            found = (match.start(), match.end(), _MIDNIGHT if named == "midnight" else timedelta(hours=12))
            continue
        value, minutes = int(hour or plain_hour), int(minute or plain_minute or 0)
        if half and half.startswith(("a", "p")):
            value = value % 12 + (12 if half.startswith("p") else 0)
        found = _clock(value, minutes, match) or found
    return found


def _day(folded: str, *, lang: str, said_at: datetime, near: int) -> date | None:
    """The day that stands nearest to the clock."""
    days = [*_iso(folded), *(_en_days(folded, said_at) if lang == "en" else _zh_days(folded, said_at))]
    nearest = min(days, key=lambda found: abs(found[0] - near), default=None)
    return None if nearest is None else nearest[1]


def _iso(folded: str) -> list[tuple[int, date]]:
    return [(match.start(), day) for match in _ISO.finditer(folded) if (day := _date(*map(int, match.groups())))]


def _zh_days(folded: str, said_at: datetime) -> list[tuple[int, date]]:
    today = said_at.date()
    found: list[tuple[int, date]] = []
    for match in _ZH_DATE.finditer(folded):
        year, month, day = match.groups()
        when = _date(int(year), int(month), int(day)) if year else _nearest(int(month), int(day), today)
        found += [(match.start(), when)] if when else []
    for match in _ZH_DAY.finditer(folded):
        when = _of_month(int(match.group(1)), today)
        found += [(match.start(), when)] if when else []
    ahead = {"今": 0, "当": 0, "明": 1, "次": 1, "后": 2, "大后": 3}
    found += [(m.start(), today + timedelta(days=ahead[m.group(1)])) for m in _ZH_NEAR.finditer(folded)]
    for match in _ZH_WEEKDAY.finditer(folded):
        wanted = "一二三四五六日".find(match.group(2).replace("天", "日"))
        if match.group(1):
            monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
            found.append((match.start(), monday + timedelta(days=wanted)))
        else:
            found.append((match.start(), today + timedelta(days=(wanted - today.weekday()) % 7)))
    return found


def _en_days(folded: str, said_at: datetime) -> list[tuple[int, date]]:
    today = said_at.date()
    found: list[tuple[int, date]] = []
    for match in _EN_DATE.finditer(folded):
        day, month, year = match.group(1, 2, 3) if match.group(1) else match.group(5, 4, 6)
        number = _MONTHS.index(month) + 1
        when = _date(int(year), number, int(day)) if year else _nearest(number, int(day), today)
        found += [(match.start(), when)] if when else []
    for match in _EN_NEAR.finditer(folded):
        found.append((match.start(), today + timedelta(days=int(match.group(1) == "tomorrow"))))
    for match in _EN_WEEKDAY.finditer(folded):
        ahead = (_WEEKDAYS.index(match.group(1)) - today.weekday()) % 7
        found.append((match.start(), today + timedelta(days=ahead)))
    return found


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(month: int, day: int, today: date) -> date | None:
    """The date of this year, or of the next one when it is long past: a text of December speaks of January."""
    when = _date(today.year, month, day)
    return _date(today.year + 1, month, day) if when is not None and (today - when).days > 180 else when


def _of_month(day: int, today: date) -> date | None:
    """The day of this month, or of the next one when it is past."""
    when = _date(today.year, today.month, day)
    if when is not None and when >= today:
        return when
    return _date(today.year + today.month // 12, today.month % 12 + 1, day)
