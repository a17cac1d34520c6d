"""Entries that stand in a feed as they did last time, byte for byte: they are not even read as XML.

    head <item>1</item> <item>2</item> <item>3</item> tail        the feed, cut into pieces
    head ! <item>1</item> ! tail                                  what is read, if 2 and 3 are known

Most of a changed feed is what it said last time. A piece is known by the mark of its bytes, a mark is kept with the id
of its entry (`Known`), and both count only in the same frame: the elements around the entries with their attributes
and namespaces, and what the ids have in common. "!" is an element of ours, a fence.

Nothing is lost by it. Where a fence is found as an element, the parser stood between elements there, not in a comment,
in CDATA or in a tag. So a piece between two fences that holds one element is that element, whatever is in it, and it
would be the same in any other place among its neighbours: XML has no context but the frame. What cannot be shown in
this way (fences that are not found, names declared within a piece, ids that are there twice) is read as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from . import names
from .quick import local_name, local_of

_FIRST = re.compile(rb"<(item|entry)(?=[\s>])")
_NAME = "fence-between-known-entries"
_FENCE = f"<{_NAME}/>".encode()
_TAG = f"{{*}}{_NAME}"
_NAMES = b"xmlns"
# libxml2 gives up on longer ones, so a whole feed may be none where a part of it is one.
_MOST_BYTES = 8_000_000
_MOST_PIECES = 2_000


@dataclass(frozen=True, slots=True)
class Known:
    """Entries that nobody has to read again: by id, the mark of their bytes ("" for none); and the frame of marks."""

    marks: Mapping[str, str] = field(default_factory=dict)
    frame: str = ""


class NotAsBefore(Exception):
    """What was left out of a feed may not be what it was."""


class Pieces(NamedTuple):
    """A feed, cut before its first entry and after each. `marks` are of its entries, in order, "" for none."""

    head: bytes
    entries: list[bytes]
    end: bytes
    tail: bytes
    marks: list[str]

    def known(self, known: Known) -> dict[int, str]:
        """Ids of the entries that are known by their bytes, by place from 1."""
        if not known.frame:
            return {}
        ids = {mark: identity for identity, mark in known.marks.items() if mark}
        found = {place: ids[mark] for place, mark in enumerate(self.marks, 1) if mark in ids}
        # (What stands there twice is read, and told apart as ever.)
        return found if len(set(found.values())) == len(found) else {}

    def without(self, places: Set[int]) -> bytes:
        """The feed without the entries at these places, fences between the others."""
        parts = [self.head, _FENCE]
        for place, entry in enumerate(self.entries, 1):
            if place not in places:
                parts += (entry, self.end, _FENCE)
        parts.append(self.tail)
        return b"".join(parts)


def cut(data: bytes) -> Pieces | None:
    """The pieces of a feed in UTF-8, or None if it cannot be cut."""
    first = _FIRST.search(data)
    if first is None or len(data) > _MOST_BYTES or _FENCE in data:
        return None
    end = b"</%s>" % first[1]
    *entries, tail = data[first.start() :].split(end)
    if not entries or len(entries) > _MOST_PIECES or _NAMES in tail:
        return None
    # An entry that declares names of its own could lend them to others.
    plain = data.find(_NAMES, first.start()) < 0
    marks = [blake2b(entry, digest_size=8).hexdigest() if plain or _NAMES not in entry else "" for entry in entries]
    return Pieces(data[: first.start()], entries, end, tail, marks)


def frame_of(root: Any, count: int) -> bytes:
    """What stands around the entries, if `count` of them are fenced as they should be; else nothing."""
    fence: Any = next(root.iter(_TAG), None)
    holder = fence.getparent() if fence is not None else None
    if holder is None or not (holder is root or (holder.getparent() is root and local_name(holder) == "channel")):
        return b""
    tags = [child.tag for child in holder]
    first = tags.index(fence.tag)
    fences, entries = tags[first : first + 2 * count + 1 : 2], tags[first + 1 : first + 2 * count : 2]
    if fences != [fence.tag] * (count + 1) or any(local_of(tag) not in names.ENTRIES for tag in set(entries)):
        return b""
    spaces = holder.nsmap
    # (An odd name is known by the first prefix it is met with, which would depend on what is left out.)
    if len(set(spaces.values())) < len(spaces):
        return b""
    around = [(element.tag, element.attrib.items()) for element in (holder, *holder.iterancestors())]
    return repr((around, sorted(spaces.items(), key=str))).encode("utf-8", "replace")
