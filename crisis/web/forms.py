"""From what was typed to values: times in the organisation's zone, whole numbers, choices."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from flask import g, request

from crisis.errors import Invalid
from crisis.web.show import zone

Choice = TypeVar("Choice", bound=StrEnum)
# What every database can keep, in every zone.
LARGEST = 2**31 - 1
EARLIEST, LATEST = 1900, 2200
# What word processors put where a line ends, and what no key types: neither a feed nor the subject of a mail can carry
# them, and a text is approved byte for byte.
_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def _typed(name: str) -> str:
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", request.form.get(name, "")))


def text(name: str) -> str:
    """What was typed into a field, without blanks around it."""
    return _typed(name).strip()


def body(name: str, most: int) -> str:
    """A long text as it was typed, blanks and all. Raises Invalid at the field when it is longer than `most`."""
    typed = _typed(name)
    if len(typed) > most:
        raise Invalid(name, "text_too_long", most=most)
    return typed


def numbers(name: str) -> tuple[int, ...]:
    """The numbers of ticked boxes. Raises Invalid at the field for one that no row can have."""
    found = [value for value in request.form.getlist(name) if value]
    if not all(value.isdecimal() and len(value) <= len(str(LARGEST)) and int(value) <= LARGEST for value in found):
        raise Invalid(name, "number_wrong", value=", ".join(found))
    return tuple(int(value) for value in found)


def flag(name: str) -> bool:
    return request.form.get(name, "") in ("1", "on", "yes", "true")


def whole(name: str, default: int | None = None) -> int:
    """A whole number. Raises Invalid at the field."""
    typed = text(name)
    if not typed and default is not None:
        return default
    try:
        found = int(typed.replace("−", "-"))
    except ValueError:
        raise Invalid(name, "number_wrong", value=typed) from None
    if abs(found) > LARGEST:
        raise Invalid(name, "number_wrong", value=typed)
    return found


def moment(name: str, *, default: datetime | None = None) -> datetime:
    """A time as typed in the organisation's zone: `2026-05-14T09:20`, `2026-05-14 09:20` or `09:20` (today)."""
    typed = text(name).replace("：", ":")
    if not typed:
        if default is not None:
            return default
        raise Invalid(name, "time_missing")
    local = g.now.astimezone(zone())
    if len(typed) <= 5 and ":" in typed:
        typed = f"{local:%Y-%m-%d}T{typed.zfill(5)}"
    try:
        found = datetime.fromisoformat(typed.replace(" ", "T"))
    except ValueError:
        raise Invalid(name, "time_wrong", value=typed) from None
    if not EARLIEST <= found.year <= LATEST:
        raise Invalid(name, "time_wrong", value=typed)
    return found if found.tzinfo else found.replace(tzinfo=zone())


def optional_moment(name: str) -> datetime | None:
    return moment(name) if text(name) else None


def choice(name: str, kind: type[Choice]) -> Choice:
    """One value of an enumeration. Raises Invalid at the field."""
    try:
        return kind(text(name))
    except ValueError:
        raise Invalid(name, "choice_wrong", value=text(name)) from None


def listed(name: str) -> tuple[str, ...]:
    """Values typed one per line or with commas between them, Chinese or Latin ones."""
    typed = _typed(name)
    for mark in ("，", "、", ",", ";", "；"):
        typed = typed.replace(mark, "\n")
    return tuple(dict.fromkeys(part.strip() for part in typed.split("\n") if part.strip()))


def chosen(name: str, kind: type[Choice]) -> tuple[Choice, ...]:
    """The ticked boxes of a name that are values of an enumeration."""
    known = {str(item): item for item in kind}
    return tuple(known[value] for value in request.form.getlist(name) if value in known)
