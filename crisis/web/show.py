"""How values look on a page: times, durations, due marks, names, the promise rail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_name
from flask import current_app, g
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from crisis.core.script import Script
from crisis.flows.desk import Desk
from crisis.i18n import N_, translate

SOON = timedelta(hours=1)
# Han characters with the signs and figures between them and the full-width signs around them; a word of Latin letters.
_WIDE = "\u3000-\u303f\uff00-\uffef"
_HAN = re.compile(f"([{_WIDE}]{{0,3}}[\u4e00-\u9fff](?:[\u4e00-\u9fff{_WIDE}0-9“”‘’ -]*[\u4e00-\u9fff])?[{_WIDE}]*)")
_WORDS = re.compile("[A-Za-z]{2}|[\u4e00-\u9fff]")


def say(message: str, **args: object) -> str:
    """A message of the catalogue in the reader's language, with its arguments."""
    text = translate(g.lang, message)
    return text % args if args else text


# English counts: what a message says when its `n` is one. Chinese needs no such pairs.
SINGULAR: Mapping[str, str] = {
    "%(n)s articles": "%(n)s article",
    "%(n)s articles, folded into %(voices)s independent sources": "%(n)s article from %(voices)s source",
    "%(voices)s independent sources": "%(voices)s independent source",
    "%(n)s reprints": "%(n)s reprint",
    "%(n)s responses": "%(n)s response",
    "%(n)s sources added. They are asked at once.": "%(n)s source added. It is asked at once.",
    "%(n)s entries dropped": "%(n)s entry dropped",
    "%(n)s sources need attention": "%(n)s source needs attention",
    "%(n)s need attention": "%(n)s needs attention",
    "%(n)s smaller rows, together %(points)s": "%(n)s smaller row: %(points)s",
    "%(n)s audiences with a blank answer: no text for them can be sent for approval": (
        "%(n)s audience with a blank answer: no text for it can be sent for approval"
    ),
    "%(all)s sources, %(well)s working": "%(all)s source, %(well)s working",
    "%(n)s of %(of)s sources are not heard": "%(n)s of %(of)s sources is not heard",
    "%(n)s jobs were given up": "%(n)s job was given up",
    "%(n)s people must approve exactly these words.": "%(n)s person must approve exactly these words.",
    "%(n)s paragraphs in all": "%(n)s paragraph in all",
    "%(n)s votes needed": "%(n)s vote needed",
    "%(n)s messages left the building": "%(n)s message left the building",
    "%(n)s characters": "%(n)s character",
    "%(n)s sources, polled %(at)s": "%(n)s source, polled %(at)s",
    "The ledger holds %(n)s facts: a draft is made from them.": "The ledger holds %(n)s fact: a draft is made from it.",
    "The log holds %(n)s entries.": "The log holds %(n)s entry.",
    "Fill %(n)s blanks, then send it for approval": "Fill %(n)s blank, then send it for approval",
    "Fix the %(n)s blocking findings of statement %(number)s, then send it for approval": (
        "Fix the blocking finding of statement %(number)s, then send it for approval"
    ),
    "Next one is due %(n)s hours after this.": "Next one is due %(n)s hour after this.",
}


@pass_context
def gettext(context: Context, message: str, /, **values: object) -> str:
    """A message for a page: in the reader's language, its values escaped, in the singular when its count is one."""
    text = translate(g.lang, message)
    if g.lang == "en" and values.get("n", values.get("voices", values.get("all"))) == 1:
        text = SINGULAR.get(message, text)
    return Markup(text) % values if context.eval_ctx.autoescape else text % values


def signs() -> dict[str, Markup]:
    """The signs that differ by language: full-width in Chinese, half-width with a blank in English; and the drawn dot.

    U+00B7 is one em wide in CJK fonts, so the separator of a line of small facts is drawn.
    """
    zh = g.lang == "zh"
    return {
        "colon": Markup("：" if zh else ": "),
        "comma": Markup("，" if zh else ", "),
        "listing": Markup("、" if zh else ", "),
        "semicolon": Markup("；" if zh else "; "),
        "stop": Markup("。" if zh else ". "),
        "dot": Markup('<i class="sep"> </i>'),
    }


def bracketed(text: object) -> Markup:
    """A text in the brackets of the reader's language, with what stands before them."""
    return Markup("（{}）" if g.lang == "zh" else " ({})").format(text)


def stance(value: float | None) -> str:
    """A stance with a real minus sign: `−1.2`, `0.0`, `+0.4`; one of a single response `−1`, `0`, `+1`; none `—`."""
    if value is None:
        return "—"
    if isinstance(value, int):
        return f"{value:+d}".replace("-", "−") if value else "0"
    rounded = round(value, 1)
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"


def dialled(phone: str) -> str:
    """A telephone number as the address of a call takes it: an extension waits for two seconds."""
    number, _, extension = re.sub("[^0-9+*#x转,;]", "", phone.lower()).replace("转", "x").partition("x")
    return f"{number},{extension}" if extension else number


def tongue(text: str) -> str:
    """The language of a foreign run, for its `lang` attribute: Chinese as soon as it holds a Han character, and in the
    script that most of those are in which only one has."""
    if not any("\u4e00" <= sign <= "\u9fff" for sign in text):
        return "en"
    scribe = cast(Desk, current_app.extensions["desk"]).content.statements.scribe
    return str(scribe.of(text) or Script.HANS)


def foreign(text: str) -> Markup:
    """The `lang` attribute of a text that is not in the reader's language; else nothing."""
    spoken = tongue(text)
    known = spoken.startswith(g.lang) or not _WORDS.search(text)
    return Markup("") if known else Markup(' lang="{}"').format(spoken)


def tongues(text: object) -> Markup:
    """A text of people in which each stretch says its language where it is not the reader's: what reads aloud changes
    its voice. On a Chinese page a text without any Han character is one stretch."""
    if isinstance(text, Markup):
        return text
    whole = str(text)
    if g.lang == "zh":
        return Markup("<span{}>{}</span>").format(foreign(whole), whole) if foreign(whole) else escape(whole)
    parts = (
        Markup('<span lang="zh-Hans">{}</span>').format(part) if place % 2 else escape(part)
        for place, part in enumerate(_HAN.split(whole))
    )
    return Markup("").join(parts)


def zone() -> ZoneInfo:
    """The organisation's time zone."""
    return ZoneInfo(g.zone)


def clock(moment: datetime | None, *, day: bool | None = None) -> str:
    """`09:20`, with the date when it is not the desk's today (or when asked)."""
    if moment is None:
        return "—"
    local = moment.astimezone(zone())
    today = g.now.astimezone(zone()).date()
    text = f"{local:%H:%M}"
    if day if day is not None else local.date() != today:
        return f"{date(moment)} {text}"
    return text


def date(moment: datetime) -> str:
    """`5月14日` or `14 May`, with the year when it is another one."""
    local = moment.astimezone(zone())
    same_year = local.year == g.now.astimezone(zone()).year
    if g.lang == "zh":
        return f"{local.month}月{local.day}日" if same_year else f"{local.year}年{local.month}月{local.day}日"
    return str(format_date(local.date(), "d MMM" if same_year else "d MMM y", locale="en"))


def full_clock(moment: datetime) -> str:
    """`5月14日 周四 09:06` or `Thu 14 May 09:06`."""
    local = moment.astimezone(zone())
    weekday = format_date(local.date(), "EEE", locale="zh_Hans" if g.lang == "zh" else "en")
    if g.lang == "zh":
        return f"{local.month}月{local.day}日 {weekday} {local:%H:%M}"
    return f"{weekday} {format_date(local.date(), 'd MMM', locale='en')} {local:%H:%M}"


def zone_name() -> str:
    """The organisation's time zone in the reader's language, for fields that take a time: `中国时间`, `China Time`."""
    return str(
        get_timezone_name(zone(), width="long", zone_variant="generic", locale="zh_Hans" if g.lang == "zh" else "en")
    )


def hours(value: float) -> str:
    """Hours since the first signal, to the minute below two days."""
    return dur(timedelta(hours=value))


def local_input(moment: datetime | None) -> str:
    """The value of a `datetime-local` field in the organisation's zone."""
    return moment.astimezone(zone()).strftime("%Y-%m-%dT%H:%M") if moment else ""


def parts(duration: timedelta) -> tuple[tuple[int, str], ...]:
    """A duration in its two largest units, so that it can never be read as a clock time."""
    seconds = int(abs(duration.total_seconds()))
    zh = g.lang == "zh"
    if seconds < 3600:
        return ((seconds // 60, "分" if zh else "m"), (seconds % 60, "秒" if zh else "s"))
    if seconds < 48 * 3600:
        return ((seconds // 3600, "时" if zh else "h"), (seconds % 3600 // 60, "分" if zh else "m"))
    return ((seconds // 86400, "天" if zh else "d"), (seconds % 86400 // 3600, "时" if zh else "h"))


def dur(duration: timedelta) -> str:
    """`13 分钟`, `3 时 20 分`, `2 天`; English `13 min`, `3 h 20 min`, `2 d`. Seconds are never shown."""
    minutes = int(abs(duration.total_seconds()) // 60)
    zh = g.lang == "zh"
    if minutes < 60:
        return f"{minutes} 分钟" if zh else f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        if not rest:
            return f"{hours} 小时" if zh else f"{hours} h"
        return f"{hours} 时 {rest} 分" if zh else f"{hours} h {rest} min"
    days = hours // 24
    return f"{days} 天" if zh else f"{days} d"


def short(duration: timedelta) -> str:
    """`46 分`, `7 时 20`, `2 天 3 时`; English `46m`, `7h 20m`, `2d 3h`: for labels that have little room."""
    figures = parts(duration)
    if figures[0][1] in ("分", "m"):
        figures = figures[:1]
    return " ".join(f"{n} {unit}" if g.lang == "zh" else f"{n}{unit}" for n, unit in figures)


def big_clock(duration: timedelta) -> Markup:
    """The large figure of a decision block: numbers with their units, ticking when there is script."""
    figures = parts(duration)
    inner = Markup("").join(
        Markup("{}<small>{}</small>").format(f"{n:02d}" if place and figures[0][1] in ("分", "m") else n, unit)
        for place, (n, unit) in enumerate(figures)
    )
    ticking = abs(duration) < timedelta(hours=1) and duration > timedelta(0)
    due = Markup(' data-due="{}"').format(int(duration.total_seconds())) if ticking else Markup("")
    return Markup('<b role="timer"{}>{}</b>').format(due, inner)


def due_class(due_at: datetime | None, *, done: bool = False) -> str:
    """over, soon, later or ok: how a due mark is drawn."""
    if done:
        return "ok"
    if due_at is None:
        return "later"
    if due_at < g.now:
        return "over"
    return "soon" if due_at - g.now <= SOON else "later"


def due_text(due_at: datetime | None) -> str:
    """The clock time of a due mark; late ones say how late."""
    if due_at is None:
        return "—"
    if g.now - due_at >= timedelta(minutes=1):
        return say(N_("%(clock)s, %(late)s late"), clock=clock(due_at), late=dur(g.now - due_at))
    return clock(due_at)


def initial(name: str) -> str:
    """One or two letters for the round mark beside a name."""
    name = name.strip()
    if not name:
        return "?"
    if name[0] > "\u2e80":
        return name[0]
    return "".join(word[0] for word in name.split()[:2]).upper()


def marked(text: str, spans: Iterable[tuple[int, int, str]]) -> Markup:
    """Text with spans marked; overlapping spans are cut where the earlier one ends. Everything is escaped."""
    out, at = Markup(""), 0
    for start, end, kind in sorted(spans):
        start = max(start, at)
        if end <= start:
            continue
        out += escape(text[at:start]) + Markup('<mark class="{}">{}</mark>').format(kind, text[start:end])
        at = end
    return out + escape(text[at:])


@dataclass(frozen=True)
class Tick:
    """One mark on the promise rail. `left` is a whole percentage."""

    left: int
    kind: str
    text: str
    href: str


@dataclass(frozen=True)
class Label:
    """The words of one mark, below the rail: `width` of it in whole per cent, after `before` that are left empty."""

    before: int
    width: int
    kind: str
    text: str
    href: str


@dataclass(frozen=True)
class Rail:
    """The promise rail: four phases, the current one wide; positions are whole percentages. The words at
    `now` stand to its right where `flip`; `covered`: the phases whose name would lie under them."""

    widths: tuple[int, ...]
    covered: tuple[bool, ...]
    now: int
    flip: bool
    label: str
    ticks: tuple[Tick, ...]
    labels: tuple[Label, ...]


# One mark: its time, kept|late|open, its words, where they lead.
Mark = tuple[datetime, str, str, str]
# Per cent of the rail that words need, and beyond which no second label begins.
_ROOM, _LAST = 30, 82
# Per cent that the words at `now` and the name of a phase take at most at a desk.
_NOW_WIDE, _PHASE_WIDE, _MIDDLE = 11, 8, 45
_PHASES = ((0, 60), (60, 240), (240, 1440), (1440, 4320))


def rail(t0: datetime, now: datetime, marks: Sequence[Mark], *, closed: bool = False) -> Rail:
    """The rail of an incident; `marks` are (time, state kept|late|open, text, link). Of one that is closed `now` is
    when that was, and nothing is next."""
    minutes = (now - t0).total_seconds() / 60
    current = next((i for i, (_, end) in enumerate(_PHASES) if minutes < end), 3)
    widths = tuple(43 if i == current else 19 for i in range(4))

    def place(moment: datetime) -> int:
        at, left = (moment - t0).total_seconds() / 60, 0.0
        for (begin, end), width in zip(_PHASES, widths, strict=True):
            if at <= end:
                return round(left + width * max(0.0, at - begin) / (end - begin))
            left += width
        return 100

    # Of two at one time the first stays first, in either language.
    ordered = sorted(marks, key=lambda mark: mark[0])
    upcoming = [mark for mark in ordered if mark[1] == "open" and mark[0] >= now]
    late = [mark for mark in ordered if mark[1] == "late"]
    lead = (late[-1:] or upcoming[:1])[0] if (late or upcoming) and not closed else None
    following = next((mark for mark in upcoming if mark is not lead), None)
    ticks = tuple(
        Tick(
            left=place(mark[0]),
            kind="next" if mark is lead and mark[1] == "open" else mark[1] if mark[1] != "open" else "",
            text=f"{clock(mark[0])} {mark[2]}",
            href=mark[3],
        )
        for mark in ordered
    )
    labels = _labels(lead, following, place) if lead else ()
    label = say(N_("closed T+%(passed)s") if closed else N_("now T+%(passed)s"), passed=short(now - t0))
    at = min(100, place(now))
    flip = at < _MIDDLE
    begin, end = (at, at + _NOW_WIDE) if flip else (at - _NOW_WIDE, at)
    names = (sum(widths[:phase]) for phase in range(4))
    covered = tuple(begin < name + _PHASE_WIDE and name < end for name in names)
    return Rail(widths=widths, covered=covered, now=at, flip=flip, label=label, ticks=ticks, labels=labels)


def _labels(lead: Mark, following: Mark | None, place: Callable[[datetime], int]) -> tuple[Label, ...]:
    """The words of the late or next mark, on whichever side of it there is more room, and of the one after it if it
    has room of its own. They wrap in their part of the rail, so that the whole stands there however long it is."""
    at, then = place(lead[0]), place(following[0]) if following else 100
    left = at > _ROOM
    second = following is not None and then < _LAST and then - at >= (2 if left else _ROOM)
    first = Label(
        before=0 if left else at,
        width=at if left else (then if second else 100) - at,
        kind="hotl lft" if left else "hotl",
        text=f"{clock(lead[0])} {lead[2]}",
        href=lead[3],
    )
    if following is None or not second:
        return (first,)
    text = f"{clock(following[0])} {following[2]}"
    return first, Label(before=then - at if left else 0, width=100 - then, kind="", text=text, href=following[3])


def pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    """(value, text) of each value, for the options of a list."""
    return [(value, value) for value in values]


def last_seen(value: str) -> datetime | None:
    """The time in a closing condition's value, if it holds one."""
    return datetime.fromisoformat(value) if value else None
