"""Dates as people and programs write them, to aware times.

ISO 8601 and W3C, RFC 822 and 2822 in all their decay, asctime, Chinese (2024年5月14日 上午9:06, 民國, 二〇二四年),
Korean and Japanese, slashes and dots, seconds since 1970, month names of a dozen languages, and, if the caller says
what time it is, words like 3小时前. What cannot be read is None: a missing date is never "now", and a date that can
be read in two ways (03/04/2024) is not guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

CHINA = timezone(timedelta(hours=8))
"""Mainland, Hong Kong, Macao, Taiwan and Singapore keep the same time all year."""
KOREA = timezone(timedelta(hours=9))

# Years outside are the zero of some program (0001, 1899), or a slip of the pen.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_LONGEST = 100


def parse_date(text: str, *, assume: tzinfo = UTC, now: datetime | None = None) -> datetime | None:
    """The aware time that `text` names, or None if it names none that is certain.

    `assume` is the zone of a date without one (and, if it lies at +08:00, the meaning of "CST"). Dates in Chinese
    characters without a zone are read at +08:00, in Korean and Japanese at +09:00. `now` (aware) allows relative
    dates; without it they are None. The offset of the answer is the one that was written.
    """
    quick = _quick(text, assume)
    if quick is not None:
        return quick
    text = " ".join((text if text.isascii() else text.translate(_PLAIN)).split())
    if not text or len(text) > _LONGEST:
        return None
    try:
        for shape, read in _SHAPES:
            match = shape.match(text)
            if match:
                found = read(match, assume)
                if found is not None:
                    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None
        return _relative(text, assume, now) if now is not None else None
    except (ValueError, OverflowError):
        return None


def _quick(text: str, assume: tzinfo) -> datetime | None:
    """The date, if it is written in one of the two ways nearly all are, and there is nothing odd about it."""
    try:
        written = _QUICK_ISO.match(text)
        if written:
            # Fractions of a second are not kept.
            found = datetime.fromisoformat(written[1] + written[2])
        else:
            written = _QUICK_RFC.match(text)
            if not written:
                return None
            day, month, year, clock, name = written.groups()
            zone = _zone(name.lower(), assume)
            if zone is None:
                return None
            found = datetime.fromisoformat(f"{year}-{_QUICK_MONTHS[month]}-{day:0>2}T{clock}").replace(tzinfo=zone)
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def zone_of_language(language: str) -> tzinfo:
    """The zone in which a source in this language writes dates without one: +08:00 for Chinese, else UTC."""
    name = language.lower()
    if name.startswith("zh") or name in ("cn", "chinese"):
        return CHINA
    return UTC


# How nine of ten dates in feeds are written; read the same way below, at five times the cost.
_QUICK_ISO = re.compile(
    r"([0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9])(?:\.[0-9]+)?(Z|[+-][0-9]{2}:[0-5][0-9])$"
)
_QUICK_RFC = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([0-9]{4})"
    r" ([0-2][0-9]:[0-5][0-9]:[0-5][0-9]) ([A-Z]{1,4}|[+-][0-9]{4})$"
)
_QUICK_MONTHS = {
    name: f"{month:02}"
    for month, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)  # noqa: SIM905
}

# Full-width digits and punctuation, odd spaces, marks of direction, commas.
_PLAIN = {
    **{0xFF10 + n: str(n) for n in range(10)},
    0xFF1A: ":",
    0xFF0F: "/",
    0xFF0D: "-",
    0x2212: "-",
    0x2013: "-",
    0x00A0: " ",
    0x202F: " ",
    0x3000: " ",
    0x200E: None,
    0x200F: None,
    0xFEFF: None,
}

# RFC 822 section 5, and names met in feeds. India and Israel share IST, Britain and Bangladesh BST: the first is meant.
_ZONES = {
    name: minutes
    for minutes, names in (
        (0, "z ut utc gmt wet"),
        (60, "n bst cet met mez west wat"), (120, "cest mest mesz eet sast cat"),
        (180, "msk eest eat"), (300, "pkt"), (330, "ist"), (345, "npt"), (420, "wib ict"),
        (480, "hkt sgt myt awst pht"),
        (540, "jst kst"), (570, "acst"), (600, "aest"), (660, "aedt"), (720, "y nzst"), (780, "nzdt"),
        (-60, "a"), (-150, "ndt"), (-180, "adt brt art clst"), (-210, "nst"), (-240, "ast at edt clt"),
        (-300, "est et cdt"),
        (-360, "cst ct mdt"), (-420, "mst mt pdt"), (-480, "pst pt akdt"), (-540, "akst"), (-600, "hst"), (-720, "m"),
    )
    for name in names.split()
}  # fmt: skip

# The first letters of months in the languages of Europe; three or, where those do not tell, four.
_MONTHS = {
    name: month
    for month, names in (
        (1, "jan ene gen янв ιαν"),
        (2, "feb fév fev фев φεβ"),
        (3, "mar mär mrz mrt мар μαρ μάρ már"),
        (4, "apr avr abr апр απρ ápr"),
        (5, "may mai maj mei mag май мая μαϊ μάι μαι μαΐ máj"),
        (6, "jun juin giu июн ιούν ιουν ιον jún"),
        (7, "jul juil lug июл ιούλ ιουλ ιολ júl"),
        (8, "aug aoû aou ago авг αυγ αύγ"),
        (9, "sep set сен σεπ sze"),
        (10, "oct okt out ott окт οκτ"),
        (11, "nov ноя νοε νοέ"),
        (12, "dec dez déc dic дек δεκ"),
    )
    for name in names.split()
}

_DIGITS = {**{c: i for i, c in enumerate("〇一二三四五六七八九")}, "零": 0, "○": 0, "元": 1}

_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{1,2})(?:[:.](?P<second>\d{1,2}))?(?:[.,]\d+)?"
_ZONE = r"(?P<zone>(?:[a-z_]+/[a-z_/]+|[a-z]{1,5})?\s?\(?(?:[+-]\d{1,2}(?::?\d{2})?)?\)?)(?:\s*\([^)]*\))?"
_HALF = r"(?P<half>[ap]\.?m\.?)?"
_DAY_NAME = r"(?:[^\W\d_]{2,12}\.?,?\s*,?\s*)?"
_AFTER_NOON = frozenset(["pm", "下午", "晚上", "晚间", "晚間", "傍晚", "午后", "午後", "夜间", "深夜", "오후"])
_BEFORE_NOON = frozenset(["am", "上午", "早上", "早晨", "清晨", "凌晨", "午前", "오전"])
_HALVES = "上午|早上|早晨|清晨|凌晨|中午|下午|晚上|晚间|晚間|傍晚|午后|午後|夜间|深夜|午前|오전|오후"


def _iso(match: re.Match[str], assume: tzinfo) -> datetime | None:
    year, month, day = int(match["year"]), int(match["month"] or 1), int(match["day"] or 1)
    return _moment(match, year, month, day, assume)


def _ordinal(match: re.Match[str], assume: tzinfo) -> datetime | None:
    first = _moment(match, int(match["year"]), 1, 1, assume)
    days = int(match["nth"])
    return first + timedelta(days=days - 1) if first and 1 <= days <= 366 else None


def _named(match: re.Match[str], assume: tzinfo) -> datetime | None:
    month = _month(match["month"])
    if not month:
        return None
    year = int(match["year"])
    if len(match["year"]) == 2:
        year += 1900 if year >= 90 else 2000
    return _moment(match, year, month, int(match["day"]), assume)


def _slashed(match: re.Match[str], assume: tzinfo) -> datetime | None:
    """14/05/2024 and 05/14/2024 can be told apart, 04/05/2024 cannot."""
    first, second, year = int(match["first"]), int(match["next"]), int(match["year"])
    if match["dot"] == "." or first > 12:
        return _moment(match, year, second, first, assume)
    if second > 12 or first == second:
        return _moment(match, year, first, second, assume)
    return None


def _east(match: re.Match[str], assume: tzinfo) -> datetime | None:
    """年月日, 년월일. A date in these characters without a zone was written in that part of the world."""
    year = _number(match["year"])
    if match["era"]:
        year += 1911
    elif len(match["year"]) == 2:
        year += 2000
    zone: tzinfo = KOREA if match["mark"] == "년" else CHINA
    if assume.utcoffset(None) == timedelta(hours=9):
        zone = assume
    return _moment(match, year, _number(match["month"]), _number(match["day"]), zone)


def _half_first(match: re.Match[str], assume: tzinfo) -> datetime | None:
    korean = match["half"] in ("오전", "오후")
    return _moment(match, int(match["year"]), int(match["month"]), int(match["day"]), KOREA if korean else CHINA)


def _epoch(match: re.Match[str], assume: tzinfo) -> datetime | None:
    digits = match["epoch"]
    return datetime.fromtimestamp(int(digits) / (1000 if len(digits) == 13 else 1), UTC)


_TIME = rf"{_CLOCK}\s?{_HALF}\s?{_ZONE}"
_MONTH = r"(?P<month>[^\W\d_]{3,12})"
_TH = "(?:st|nd|rd|th|er|º|\\.)?"
_WEEKDAY = r"(?:\s?[,，]?\s?\(?(?:星期|礼拜|禮拜|周|週)?[一二三四五六日天月火水木金土]?(?:曜日)?\)?)?"
_EAST_TIME = (
    rf"(?:\s?(?P<half>{_HALVES})?\s?(?P<hour>\d{{1,2}})\s?[:点點時时시]\s?(?P<minute>\d{{1,2}})?\s?"
    rf"(?:[:分분]\s?(?P<second>\d{{1,2}})?\s?[秒초]?)?\s?{_ZONE})?"
)

_SHAPES = tuple(
    (re.compile(shape + r"\s*$", re.IGNORECASE), read)
    for shape, read in (
        # 2024-05-14T09:06:00+08:00
        (rf"(?P<year>\d{{4}})-(?P<month>\d\d?)-(?P<day>\d\d?)(?:(?:T|\s|,)\s?{_TIME})?", _iso),
        # Tue, 14 May 2024 09:06:00 GMT; 14 de mayo de 2024
        (
            rf"{_DAY_NAME}(?P<day>\d{{1,2}}){_TH}[\s-]+(?:de |of )?{_MONTH}\.?,?[\s-]+(?:de )?(?P<year>\d{{4}}|\d\d),?"
            rf"(?:(?:\s|T)(?:at |- )?{_TIME})?(?:\s?{_ZONE.replace('zone', 'zone2')})",
            _named,
        ),
        # May 14, 2024 3:15 PM
        (
            rf"{_DAY_NAME}{_MONTH}\.?\s+(?P<day>\d{{1,2}}){_TH},?\s+(?P<year>\d{{4}})(?:,?\s(?:at |- )?{_TIME})?",
            _named,
        ),
        # Tue May 14 09:06:00 CEST 2024
        (
            rf"{_DAY_NAME}{_MONTH}\.?\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s?(?P<zone>[a-z]{{1,5}})?\s?(?P<year>\d{{4}})",
            _named,
        ),
        # 2024年5月14日 星期二 上午9:06; 民國113年5月14日; 2004년 05월 28일 오후 11:23
        (
            r"(?P<era>民國|民国)?\s?(?P<year>[\d〇零○元一二三四五六七八九]{2,4})\s?(?P<mark>[年년])\s?"
            r"(?P<month>[\d一二三四五六七八九十]{1,3})\s?[月월]\s?(?P<day>[\d一二三四五六七八九十]{1,3})\s?[日号號일]"
            + _WEEKDAY
            + _EAST_TIME,
            _east,
        ),
        # 2004-05-25 오후 11:23:17; 2024/5/14 下午 3:06
        (
            r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})\.?,?\s(?:\(?(?:星期|周|週)[一二三四五六日天]\)?\s)?"
            rf"(?P<half>{_HALVES})\s?{_CLOCK}\s?{_ZONE}",
            _half_first,
        ),
        # Fri, 2006/09/15 08:19:53 EDT
        (
            rf"{_DAY_NAME}(?P<year>\d{{4}})[/.](?P<month>\d\d?)[/.](?P<day>\d\d?)\.?(?:,?(?:T|\s)\s?{_TIME})?",
            _iso,
        ),
        # 2004-július-13T9:15-05:00
        (rf"(?P<year>\d{{4}})-{_MONTH}-(?P<day>\d\d?)(?:[T\s]{_CLOCK}\s?{_ZONE})?", _named),
        # 14.05.2024 09:06
        (
            rf"(?P<first>\d\d?)(?P<dot>[/.-])(?P<next>\d\d?)[/.-](?P<year>\d{{4}})(?:,?\s{_TIME})?",
            _slashed,
        ),
        (r"(?P<epoch>\d{10}|\d{13})", _epoch),
        # 20240514T090600Z
        (
            r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
            r"(?:T?(?P<hour>\d\d):?(?P<minute>\d\d):?(?P<second>\d\d)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?",
            _iso,
        ),
        # 2003-335, the day of the year
        (rf"(?P<year>\d{{4}})-?(?P<nth>\d{{3}})(?:T{_CLOCK}\s?{_ZONE})?", _ordinal),
        # 2003-12; 2003
        (rf"(?P<year>\d{{4}})(?:-(?P<month>\d\d?))?(?P<day>)(?:T{_CLOCK}\s?{_ZONE})?", _iso),
    )
)


def _moment(match: re.Match[str], year: int, month: int, day: int, assume: tzinfo) -> datetime | None:
    found = match.groupdict()
    hour, minute, second = int(found.get("hour") or 0), int(found.get("minute") or 0), int(found.get("second") or 0)
    half = (found.get("half") or "").lower().replace(".", "")
    if (half in _AFTER_NOON and hour < 12) or (half == "中午" and hour < 11):
        hour += 12
    elif half in _BEFORE_NOON and hour == 12:
        hour = 0
    moment = datetime(year, month, day, 0 if hour == 24 and not minute else hour, minute, min(second, 59))  # noqa: DTZ001
    if hour == 24:
        moment += timedelta(days=1)
    written = (found.get("zone") or found.get("zone2") or "").strip()
    zone = _zone(written.lower(), assume)
    return None if zone is None else moment.replace(tzinfo=zone)


@lru_cache(maxsize=256)
def _zone(written: str, assume: tzinfo) -> tzinfo | None:
    """None if the offset cannot exist. An unknown name counts as UTC, as every reader of RFC 822 does."""
    if not written:
        return assume
    match = re.match(r"(?P<name>[a-z_/]*)\s?\(?(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?\)?$", written)
    if not match:
        return UTC
    if match["offset"]:
        digits = match["offset"][1:].replace(":", "")
        hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
        if hours > 23 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if match["offset"][0] == "-" else offset)
    name = match["name"]
    if name == "cst" and assume.utcoffset(None) == timedelta(hours=8):
        return CHINA
    if "/" in name:
        # Rare, and slow to import.
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            return ZoneInfo("/".join(part.title() for part in name.split("/")))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return UTC
    return timezone(timedelta(minutes=_ZONES[name])) if _ZONES.get(name) else UTC


def _month(name: str) -> int:
    name = name.lower()
    return _MONTHS.get(name[:4]) or _MONTHS.get(name[:3], 0)


def _number(text: str) -> int:
    """A number in digits or in Chinese: 二十三, 二〇二四."""
    if text.isdecimal():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return int("".join(str(_DIGITS[digit]) if digit in _DIGITS else digit for digit in text))


_AGO = re.compile(
    r"(?P<count>\d{1,4}|an?|half an|半|几)\s?个?"
    r"(?P<unit>秒|分|小?时|小?時|天|日|周|週|星期|月|年|s|min|h|day|week|month|year|d|w|m)"
    r"[a-z钟鐘個]*\s?(?:之?前|ago|\s)?\s*(?:ago)?$",
    re.IGNORECASE,
)
_UNITS = {
    **dict.fromkeys(("秒", "s"), timedelta(seconds=1)),
    **dict.fromkeys(("分", "min", "m"), timedelta(minutes=1)),
    **dict.fromkeys(("时", "小时", "時", "小時", "h"), timedelta(hours=1)),
    **dict.fromkeys(("天", "日", "day", "d"), timedelta(days=1)),
    **dict.fromkeys(("周", "週", "星期", "week", "w"), timedelta(weeks=1)),
    **dict.fromkeys(("月", "month"), timedelta(days=30)),
    **dict.fromkeys(("年", "year"), timedelta(days=365)),
}
_DAYS_AGO = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2}
_WITHOUT_YEAR = re.compile(rf"(?P<month>\d{{1,2}})(?:-|/|月)(?P<day>\d{{1,2}})日?(?:\s?{_CLOCK})?$")
_DAY_AND_CLOCK = re.compile(rf"(?P<word>{'|'.join(_DAYS_AGO)})\s?(?:at )?(?:{_CLOCK})?$", re.IGNORECASE)


def _relative(text: str, assume: tzinfo, now: datetime) -> datetime | None:
    if text.lower() in ("刚刚", "剛剛", "just now", "now"):
        return now
    ago = _AGO.match(text)
    if ago and ("前" in text or "ago" in text.lower()):
        unit = _UNITS.get(ago["unit"].lower())
        count = ago["count"].lower()
        if unit and count != "几":
            return now - unit * (float(count) if count.isdecimal() else 0.5 if count in ("半", "half an") else 1)
    here = now.astimezone(assume)
    word = _DAY_AND_CLOCK.match(text)
    if word:
        day = here - timedelta(days=_DAYS_AGO[word["word"].lower()])
        return _moment(word, day.year, day.month, day.day, assume)
    bare = _WITHOUT_YEAR.match(text)
    if bare:
        found = _moment(bare, here.year, int(bare["month"]), int(bare["day"]), assume)
        # A listing shows the past: a day still to come is last year's.
        return found.replace(year=here.year - 1) if found and found > here + timedelta(days=1) else found
    return None
