"""The risk lexicon of the shelf, as the value the ear works with.

Files lie in `playbooks/lexicon/`; a file of the desk's own folder replaces the built-in one of the same
name, any other name adds to it. Short-hand of the files, spelled out here:

    {set}word   one term for each word of that set
    ~fall       the first word as a verb: fall, falls, fell, fallen, falling
    lawsuit+    with its plural
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from crisis.content.roots import stacked
from crisis.content.yamlfile import load
from crisis.core.text import Lang, Text
from crisis.errors import ContentInvalid
from monitors.risk.lexicon import Change, Cue, Gap, Harm, Hits, Lexicon, Move, Side, Term

Share = Annotated[float, Field(ge=0, le=1)]
Words = tuple[str, ...]

_FORBID: dict[str, str] = {"extra": "forbid"}
_SET = re.compile(r"\{([^{}]+)\}")
_MAX_TERMS_OF_ONE_PATTERN = 20_000
_VOWELS = "aeiou"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Terms that say the same kind of thing. Good news has no `kind`."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    id: str
    weight: Share
    terms: Words
    kind: Harm | None = None
    hits: Hits = Hits.SUBJECT
    move: Move | None = None
    head: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Gapped:
    """Two words that say something together, at most `within` characters apart."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    id: str
    kind: Harm
    weight: Share
    opens: Words
    closes: Words
    within: Annotated[int, Field(ge=1, le=60)]
    hits: Hits = Hits.SUBJECT
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Cues:
    """Cues of one kind that reach equally far."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    change: Change
    side: Side
    reach: Annotated[int, Field(ge=0, le=200)]
    factor: Share
    terms: Words
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Terms:
    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    terms: Words


@dataclass(frozen=True, kw_only=True)
class Frames:
    """Words around a name that say which part it plays."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    object_before: Words = ()
    passive_after: Words = ()
    speech: Words = ()
    speech_before: Words = ()
    bystander_before: Words = ()
    bystander_after: Words = ()
    same: Words = ()


@dataclass(frozen=True, kw_only=True)
class Authorities(Terms):
    suffixes: Words = ()


@dataclass(frozen=True, kw_only=True)
class Splits:
    """Words that begin a clause of their own, in scripts with spaces."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    cause: Words = ()
    contrast: Words = ()
    against: Words = ()


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of the lexicon."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    lang: Lang
    about: Text
    sets: dict[str, Words] = field(default_factory=dict)
    irregular: dict[str, Words] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    positive: tuple[Group, ...] = ()
    gapped: tuple[Gapped, ...] = ()
    cues: tuple[Cues, ...] = ()
    masks: Terms = Terms(terms=())
    generic: Terms = Terms(terms=())
    authorities: Authorities = Authorities(terms=())
    reversed: Terms = Terms(terms=())
    frames: Frames = Frames()
    splits: Splits = Splits()


def lexicon(home: Path | None = None) -> Lexicon:
    """The lexicon of the built-in shelf and of the desk's own folder. Raises ContentInvalid with `file:line: what`."""
    files: dict[str, Path] = {}
    for shelf in stacked("playbooks", home):
        for path in sorted((shelf / "lexicon").glob("*.yaml")):
            files[path.name] = path
    return read(tuple(files[name] for name in sorted(files)))


@lru_cache(maxsize=4)
def read(paths: tuple[Path, ...]) -> Lexicon:
    """The lexicon of these files together. A term in a later file replaces the same term of an earlier one."""
    problems: list[str] = []
    files: list[tuple[Path, File]] = []
    parts: list[Lexicon] = []
    for path in paths:
        try:
            files.append((path, load(path, File)))
        except ContentInvalid as invalid:
            problems += invalid.problems
    # An irregular verb is irregular in every file.
    irregular = {verb: forms for _, file in files for verb, forms in file.irregular.items()}
    for path, file in files:
        try:
            parts.append(_part(path, file, irregular))
        except ContentInvalid as invalid:
            problems += invalid.problems
    if problems:
        raise ContentInvalid(tuple(problems))
    return Lexicon(
        terms=tuple({term.text: term for part in parts for term in part.terms}.values()),
        gaps=tuple(gap for part in parts for gap in part.gaps),
        cues=tuple(cue for part in parts for cue in part.cues),
        masks=_joined(part.masks for part in parts),
        reversed=_joined(part.reversed for part in parts),
        generic=frozenset().union(*(part.generic for part in parts)),
        authorities=frozenset().union(*(part.authorities for part in parts)),
        authority_suffixes=_joined(part.authority_suffixes for part in parts),
        object_before=_joined(part.object_before for part in parts),
        passive_after=_joined(part.passive_after for part in parts),
        speech=_joined(part.speech for part in parts),
        speech_before=_joined(part.speech_before for part in parts),
        bystander_before=_joined(part.bystander_before for part in parts),
        bystander_after=_joined(part.bystander_after for part in parts),
        same=frozenset().union(*(part.same for part in parts)),
        cause=_joined(part.cause for part in parts),
        contrast=_joined(part.contrast for part in parts),
        against=_joined(part.against for part in parts),
    )


def _joined(groups: Iterable[Words]) -> Words:
    return tuple(dict.fromkeys(itertools.chain.from_iterable(groups)))


def _part(path: Path, file: File, irregular: Mapping[str, Words]) -> Lexicon:
    spell = _Speller(path, file, irregular)
    terms = [
        Term(text=text, kind=kind, weight=group.weight, hits=group.hits, move=group.move, head=group.head)
        for kind, group in _groups(path, file)
        for text in spell.all(group.terms)
    ]
    cues = [
        Cue(text=text, change=group.change, side=group.side, reach=group.reach, factor=group.factor)
        for group in file.cues
        for text in spell.all(group.terms)
    ]
    gaps = [
        Gap(
            opens=spell.all(gap.opens),
            closes=spell.all(gap.closes),
            within=gap.within,
            says=Term(text=gap.id, kind=gap.kind, weight=gap.weight, hits=gap.hits),
        )
        for gap in file.gapped
    ]
    part = Lexicon(
        terms=tuple(terms),
        gaps=tuple(gaps),
        cues=tuple(cues),
        masks=spell.all(file.masks.terms),
        reversed=file.reversed.terms,
        generic=frozenset(file.generic.terms),
        authorities=frozenset(file.authorities.terms),
        authority_suffixes=file.authorities.suffixes,
        object_before=file.frames.object_before,
        passive_after=file.frames.passive_after,
        speech=file.frames.speech,
        speech_before=file.frames.speech_before,
        bystander_before=file.frames.bystander_before,
        bystander_after=file.frames.bystander_after,
        same=frozenset(file.frames.same),
        cause=file.splits.cause,
        contrast=file.splits.contrast,
        against=file.splits.against,
    )
    if spell.problems:
        raise ContentInvalid(tuple(spell.problems))
    return part


def _groups(path: Path, file: File) -> Iterator[tuple[Harm | None, Group]]:
    for group in file.groups:
        if group.kind is None:
            line = _line_of(path, f"id: {group.id}")
            raise ContentInvalid((f"{_name(path)}:{line}: groups: {group.id}: kind is missing",))
        yield group.kind, group
    for group in file.positive:
        yield None, group


class _Speller:
    """Spells out the short-hand of one file and collects what cannot be spelled."""

    def __init__(self, path: Path, file: File, irregular: Mapping[str, Words]) -> None:
        self.path = path
        self.sets: Mapping[str, Words] = file.sets
        self.irregular = irregular
        self.problems: list[str] = []

    def all(self, patterns: Words) -> Words:
        spelled: dict[str, None] = {}
        for pattern in patterns:
            for text in self._filled(pattern):
                spelled.update(dict.fromkeys(self._inflected(text)))
        return tuple(spelled)

    def _filled(self, pattern: str) -> Iterator[str]:
        names = _SET.findall(pattern)
        problem = ""
        size = 1
        for name in names:
            if name not in self.sets:
                problem = f"there is no set {{{name}}}"
                break
            size *= len(self.sets[name])
        if size > _MAX_TERMS_OF_ONE_PATTERN:
            problem = f"makes {size} terms, more than {_MAX_TERMS_OF_ONE_PATTERN}"
        if not pattern.strip():
            problem = "an empty term"
        if problem:
            self.problems.append(f"{_name(self.path)}:{_line_of(self.path, pattern)}: {pattern!r}: {problem}")
            return
        frame = _SET.split(pattern)[::2]
        for words in itertools.product(*(self.sets[name] for name in names)):
            yield "".join(itertools.chain.from_iterable(itertools.zip_longest(frame, words, fillvalue="")))

    def _inflected(self, text: str) -> Words:
        if text.startswith("~"):
            verb, space, rest = text[1:].partition(" ")
            forms = (verb, *self.irregular.get(verb, _regular(verb)))
            return tuple(form + space + rest for form in forms)
        if text.endswith("+"):
            return (text[:-1], _third_person(text[:-1]))
        return (text,)


def _regular(verb: str) -> Words:
    """slump, slumps, slumped, slumping; halve, halves, halved, halving; deny, denies, denied, denying."""
    if verb.endswith("e"):
        return (verb + "s", verb + "d", verb[:-1] + "ing")
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return (_third_person(verb), verb[:-1] + "ied", verb + "ing")
    return (_third_person(verb), verb + "ed", verb + "ing")


def _third_person(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _line_of(path: Path, text: str) -> int:
    """The first line that holds a text, 1-based; 1 when it is written in another way."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if text in line:
            return number
    return 1
