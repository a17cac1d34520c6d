"""Who did it, and whom it happened to: names in the text, and the share of each event that is theirs.

Names that are listed together (`A, B and C fall`, `甲、乙被查`) form one group and share their fate. An event
belongs to a group of its own clause first, then to the group that the sentence is about, then to what
the text is about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitors.risk.clauses import Clause, Link, index_of
from monitors.risk.lexicon import Hits, Lexicon

# Shares of an event that a group carries, by how far the two stand apart.
OWN_CLAUSE = 1.0
BESIDE = 0.4  # in the clause, but another group stands nearer
LISTED_BEFORE = 0.92  # in an earlier clause of the sentence, nothing between
CAUSE = 0.6  # the event is the reason of what the group does
NEXT_CLAUSE = 0.8
RUNS_ON = 0.95  # "cautious | on X": the next clause completes this one
ONLY_ONE = 0.85  # in another sentence, and nobody else is spoken of
OTHER_SENTENCE = 0.7
FAR = 0.5
COMPARED = 0.15  # "falls against X"
BYSTANDER = 0.15  # who reports or punishes others, or is only near

_LIST = re.compile(r"[\s,，、/&和与及跟]*(?:\band\b|以及|[&和与及跟、,，/(（]|\s)[\s'\"“”]*")
_FRINGE = " ()（）[]【】“”\"'-—:：,，、@#《》"  # what may stand around the words between two names of the same one
_TAIL_WORDS = 8  # "...: Name, House" at the end of a headline names the speaker


@dataclass(frozen=True, slots=True)
class Mention:
    """A folded name at a place of the folded text."""

    name: str
    start: int
    end: int


@dataclass(slots=True)
class Group:
    """Names listed together. `first` and `last` are clauses; `speaks`, `compared`, `bystander` keep it out of blame."""

    mentions: list[Mention]
    first: int
    last: int
    speaks: bool = False
    compared: bool = False
    object: bool = False
    passive: bool = False
    bystander: bool = False
    generic: bool = False

    @property
    def start(self) -> int:
        return self.mentions[0].start

    @property
    def end(self) -> int:
        return self.mentions[-1].end


def mentions_of(folded: str, names: Sequence[str]) -> list[Mention]:
    """Where each folded name stands; inside a longer name it does not count, and a Latin name is found whole."""
    taken = bytearray(len(folded))
    found = []
    for name in sorted(set(names) - {"", " "}, key=lambda name: (-len(name), name)):
        start = folded.find(name)
        while start >= 0:
            end = start + len(name)
            if not taken[start] and not taken[end - 1] and _stands_alone(folded, start, end):
                taken[start:end] = b"\x01" * (end - start)
                found.append(Mention(name, start, end))
            start = folded.find(name, start + 1)
    return sorted(found, key=lambda mention: mention.start)


def _stands_alone(folded: str, start: int, end: int) -> bool:
    def joins(left: str, right: str) -> bool:
        return left.isascii() and left.isalpha() and right.isascii() and right.isalpha()

    if start and joins(folded[start - 1], folded[start]):
        return False
    if end >= len(folded) or not joins(folded[end - 1], folded[end]):
        return True
    # A plural is still the name: "Banks" for "Bank".
    after = folded[end : end + 2]
    return after[0] == "s" and (len(after) == 1 or not after[1].isalnum())


def groups_of(
    folded: str, clauses: list[Clause], starts: list[int], mentions: list[Mention], words: Lexicon
) -> list[Group]:
    """The names gathered into groups, with the part each plays in its clause."""
    groups: list[Group] = []
    for mention in mentions:
        clause = index_of(starts, mention.start)
        previous = groups[-1] if groups else None
        if previous is not None and mention.start - previous.end <= 14:
            between = folded[previous.end : mention.start]
            alone = between.strip(_FRINGE)
            if (_LIST.fullmatch(between) or alone in words.same) and clauses[clause].sentence == clauses[
                previous.last
            ].sentence:
                previous.mentions.append(mention)
                previous.last = clause
                continue
        groups.append(Group([mention], clause, clause))
    for group in groups:
        _cast(group, folded, clauses, words, first_start=groups[0].start)
    return groups


def _cast(group: Group, folded: str, clauses: list[Clause], words: Lexicon, *, first_start: int) -> None:
    before = folded[max(0, group.start - 14) : group.start].rstrip(" @#“\"'的")
    after = folded[group.end : group.end + 16].lstrip(" ”\"'")
    group.object = before.endswith(words.object_before)
    group.passive = after.startswith(words.passive_after)
    group.bystander = (
        all(words.is_authority(mention.name) for mention in group.mentions)
        or before.endswith(words.bystander_before)
        or after.startswith(words.bystander_after)
    )
    group.generic = all(mention.name in words.generic for mention in group.mentions)
    clause = clauses[group.first]
    group.compared = clause.link is Link.AGAINST and group.start - clause.start < 18
    group.speaks = after.startswith(words.speech) or (before.endswith(words.speech_before))
    if clause.link in (Link.COLON, Link.COMMA) and group.start != first_start:
        # The tail of a headline: nothing but a name and its house after the last colon.
        colon = folded.rfind(":", 0, group.start)
        tail = folded[colon + 1 :] if colon >= 0 else ""
        if tail and len(tail.split()) <= _TAIL_WORDS and len(tail) < 80 and folded[:colon].isascii():
            group.speaks = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands: its span, its clause, and how its word looks for its victim.

    `own` events (a price, a result) are about their subject even when that is an authority;
    a `result` is theirs even as a reason ("cuts jobs as sales slump").
    """

    start: int
    end: int
    clause: int
    hits: Hits
    own: bool = False
    result: bool = False


def shares(place: Place, folded: str, clauses: list[Clause], groups: list[Group]) -> list[tuple[Group, float]]:
    """The groups that an event falls on, each with its share 0..1."""
    open_groups = [group for group in groups if not group.speaks]
    inside = [group for group in open_groups if group.first <= place.clause <= group.last]
    if inside:
        owner = _owner(place, folded, inside)
        result = []
        for group in inside:
            if place.hits is Hits.ANY or group is owner:
                share = OWN_CLAUSE
            else:
                share = BESIDE
            if group.compared and group is not owner:
                share = COMPARED
            if group.bystander and not (group is owner and place.own and group.start < place.start):
                share = BYSTANDER
            result.append((group, share))
        if place.hits is Hits.OBJECT and not _is_passive(folded, place):
            ahead = any(group.start >= place.end for group in inside)
            right = [] if ahead else _to_the_right(place, clauses, open_groups)
            if right or not (ahead or _looks_passive(folded, place)):
                # Somebody else is hit, or nobody who was asked about: who acts keeps a small share.
                result = [(group, min(share, BESIDE)) for group, share in result]
            result += right
        if all(group.bystander for group in inside):
            result += [pair for pair in _elsewhere(place, clauses, open_groups) if pair[0] not in inside]
        return result
    return _elsewhere(place, clauses, open_groups)


def _owner(place: Place, folded: str, inside: list[Group]) -> Group:
    before = [group for group in inside if group.start < place.start]
    after = [group for group in inside if group.start >= place.start]
    objects = [group for group in inside if group.object]
    if objects and len(inside) > 1 and place.hits is not Hits.SUBJECT:
        return objects[0]
    passive = _is_passive(folded, place)
    if place.hits is Hits.OBJECT and not passive and after:
        return after[0]
    sufferers = [group for group in before if group.passive]
    if sufferers:
        return sufferers[-1]
    plain = [group for group in before if not group.bystander and not group.compared]
    if plain:
        return plain[-1]
    if after:
        return next((group for group in after if not group.bystander), after[0])
    return before[-1]


def _is_passive(folded: str, place: Place) -> bool:
    after = folded[place.end : place.end + 5].lstrip()
    before = folded[max(0, place.start - 8) : place.start].rstrip()
    return after.startswith(("by ", "by")) or before.endswith(
        ("被", "遭", "受", " is", " was", " are", " were", " been", " being", " gets", " got")
    )


def _looks_passive(folded: str, place: Place) -> bool:
    """A participle without an object: `Acme fined`, `Acme sued over ...`; and Chinese, which shows no voice."""
    word = folded[place.start : place.end]
    return not word.isascii() or word.endswith(("ed", "banned"))


def _to_the_right(place: Place, clauses: list[Clause], groups: list[Group]) -> list[tuple[Group, float]]:
    sentence = clauses[place.clause].sentence
    for group in groups:
        if group.start >= place.end and clauses[group.first].sentence == sentence and group.first - place.clause <= 2:
            return [(group, LISTED_BEFORE)]
    return []


def _elsewhere(place: Place, clauses: list[Clause], groups: list[Group]) -> list[tuple[Group, float]]:
    """An event in a clause without names: who was spoken of before it, else who comes next."""
    here = clauses[place.clause]
    if place.hits is Hits.OBJECT:
        right = _to_the_right(place, clauses, groups)
        if right:
            return right
    result: list[tuple[Group, float]] = []
    same = [group for group in groups if group.last < place.clause and clauses[group.last].sentence == here.sentence]
    if same:
        nearest = same[-1]
        share = (
            CAUSE
            if here.link is Link.CAUSE and not place.result
            else COMPARED
            if here.link is Link.AGAINST
            else LISTED_BEFORE
        )
        for group in same:
            factor = share if group is nearest else share * 0.7
            result.append((group, BYSTANDER if group.bystander else factor))
        return result
    coming = [
        group for group in groups if group.first > place.clause and clauses[group.first].sentence == here.sentence
    ]
    if coming:
        runs_on = coming[0].first == place.clause + 1 and clauses[coming[0].first].link is Link.CAUSE
        share = RUNS_ON if runs_on else NEXT_CLAUSE
        return [(coming[0], BYSTANDER if coming[0].bystander else share)]
    earlier = [group for group in groups if clauses[group.last].sentence < here.sentence]
    for group in groups:
        if group.bystander:
            share = BYSTANDER
        elif earlier and clauses[group.last].sentence == clauses[earlier[-1].last].sentence:
            share = ONLY_ONE if len(groups) == 1 else OTHER_SENTENCE
        else:
            share = FAR
        result.append((group, share))
    return result
