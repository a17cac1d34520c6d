"""The time zone that a sentence names beside a clock: 北京时间18时, 12:30 GMT, 6 p.m. (UTC+8), 10 a.m. EST.

    of one place      北京时间 · 香港时间 · london time · ET      its zone, summer time and all
    of one season     cet · bst · est · pdt                      its zone, as long as the season is the one it names
    of an offset      utc+8 · gmt · 东八区                        the offset
    of several        cst · ist · local time · 当地时间           nobody but a person can tell

In May many write EST and mean the clock on the wall, which shows EDT: such a name is as unclear as CST.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

# Words for the clock of a place. Source: IANA time zone database, zone1970.tab; own choice of places.
_PLACES = {
    "Asia/Shanghai": "北京时间|中国标准时间|中国时间|beijing(?: standard)? time|china(?: standard)? time|shanghai time",
    "Asia/Hong_Kong": "香港时间|hong kong time|hkt",
    "Asia/Macau": "澳门时间|macau time|macao time",
    "Asia/Taipei": "台北时间|台湾时间|taipei time|taiwan time",
    "Asia/Tokyo": "东京时间|日本(?:标准)?时间|tokyo time|japan(?: standard)? time|jst",
    "Asia/Seoul": "首尔时间|韩国(?:标准)?时间|seoul time|korea(?:n)?(?: standard)? time|kst",
    "Asia/Singapore": "新加坡时间|singapore time|sgt",
    "Asia/Kuala_Lumpur": "吉隆坡时间|马来西亚时间|malaysia(?:n)? time",
    "Asia/Bangkok": "曼谷时间|泰国时间|bangkok time",
    "Asia/Jakarta": "雅加达时间|jakarta time",
    "Asia/Manila": "马尼拉时间|manila time",
    "Asia/Kolkata": "新德里时间|孟买时间|印度(?:标准)?时间|india(?:n)?(?: standard)? time",
    "Asia/Dubai": "迪拜时间|dubai time|gulf standard time",
    "Europe/Moscow": "莫斯科时间|moscow time|msk",
    "Europe/London": "伦敦时间|英国时间|london time|uk time|british time",
    "Europe/Paris": "巴黎时间|paris time|欧洲中部时间|central european time",
    "Europe/Berlin": "柏林时间|德国时间|berlin time",
    "America/New_York": "纽约时间|美东时间|美国东部时间|new york time|(?:us )?eastern time",
    "America/Chicago": "芝加哥时间|美国中部时间|chicago time|us central time",
    "America/Los_Angeles": "洛杉矶时间|美西时间|美国太平洋时间|los angeles time|(?:us )?pacific time",
    "Australia/Sydney": "悉尼时间|sydney time",
}
# Two letters that are also words, and "est": only right behind a clock.
_BEHIND = {"America/New_York": "et", "America/Los_Angeles": "pt"}
# Names that belong to one season of a place, with the offset that they stand for, in hours.
_SEASONS = {
    "cet": ("Europe/Paris", 1),
    "cest": ("Europe/Paris", 2),
    "bst": ("Europe/London", 1),
    "est": ("America/New_York", -5),
    "edt": ("America/New_York", -4),
    "cdt": ("America/Chicago", -5),
    "pst": ("America/Los_Angeles", -8),
    "pdt": ("America/Los_Angeles", -7),
    "aest": ("Australia/Sydney", 10),
    "aedt": ("Australia/Sydney", 11),
}
_UNCLEAR = "cst|ist|ast|local time|当地时间|本地时间|各地时间"
_HOURS = "一二三四五六七八九十"

_CLOCK_ENDS = r"(?:(?<=[\dm.] )|(?<=[\dm.] \()|(?<=[\dm]))"
_NAME = re.compile(
    "|".join(
        (
            r"(?<![a-z])(?P<offset>(?:utc|gmt)\s?(?P<sign>[+\-−])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?!\d))",
            rf"(?P<side>[东西])(?P<count>[{_HOURS}]|十[一二]|\d{{1,2}})(?:时)?区",
            r"(?<![a-z])(?P<universal>utc|gmt)(?![a-z])|(?P<greenwich>格林[威尼]治(?:标准)?时间|协调世界时|世界时)",
            rf"(?<![a-z])(?P<unclear>{_UNCLEAR})(?![a-z])",
            *(rf"(?<![a-z])(?P<p{place}>{words})(?![a-z])" for place, words in enumerate(_PLACES.values())),
            *(rf"{_CLOCK_ENDS}(?P<b{place}>{words})(?![a-z])" for place, words in enumerate(_BEHIND.values())),
            rf"(?<![a-z])(?P<season>{'|'.join(name for name in _SEASONS if name != 'est')})(?![a-z])",
            rf"{_CLOCK_ENDS}(?P<eastern>est)(?![a-z])",
        )
    )
)


@dataclass(frozen=True, kw_only=True)
class NamedZone:
    """A zone as a sentence names it. `start` and `end` are its place there.

    `zone` is None where nobody can tell which one is meant. `offset` is what a name of one season stands for.
    """

    start: int
    end: int
    zone: tzinfo | None
    offset: timedelta | None = None

    def is_clear(self, at: datetime) -> bool:
        """Whether the name says which moment is meant by a clock of its zone on that day."""
        return self.zone is not None and (self.offset is None or at.utcoffset() == self.offset)


def named_zones(folded: str) -> tuple[NamedZone, ...]:
    """Every zone that a sentence names. `folded` is lower case, half width and simplified."""
    return tuple(_named(match) for match in _NAME.finditer(folded))


def nearest(zones: Sequence[NamedZone], *, start: int, end: int) -> NamedZone | None:
    """The zone of the clock between `start` and `end`: the one that stands nearest, a clear one before an unclear one
    ("local time (UTC+8)"). None where there is none."""
    clear = [item for item in zones if item.zone is not None]
    return min(clear or zones, key=lambda item: max(item.start - end, start - item.end, 0), default=None)


def _named(match: re.Match[str]) -> NamedZone:
    zone, offset = _zone(match)
    return NamedZone(start=match.start(), end=match.end(), zone=zone, offset=offset)


def _zone(match: re.Match[str]) -> tuple[tzinfo | None, timedelta | None]:
    if match["offset"]:
        hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
        return _fixed((hours * 60 + minutes) * (1 if match["sign"] == "+" else -1)), None
    if match["side"]:
        count = match["count"]
        hours = int(count) if count.isdecimal() else sum(_HOURS.index(sign) + 1 for sign in count)
        return _fixed(hours * 60 * (1 if match["side"] == "东" else -1)), None
    if match["universal"] or match["greenwich"]:
        return UTC, None
    if name := match["season"] or match["eastern"]:
        place, hours = _SEASONS[name]
        return ZoneInfo(place), timedelta(hours=hours)
    for prefix, places in (("p", _PLACES), ("b", _BEHIND)):
        for number, place in enumerate(places):
            if match[f"{prefix}{number}"]:
                return ZoneInfo(place), None
    return None, None


def _fixed(minutes: int) -> tzinfo | None:
    # The clocks of the earth lie between UTC−12 and UTC+14.
    return timezone(timedelta(minutes=minutes)) if -12 * 60 <= minutes <= 14 * 60 else None
