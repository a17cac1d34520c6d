"""A check as it lies on the shelf, and the frozen set that texts are read with.

A pattern is one line: an optional scope, then parts joined by ` & `, each a regular expression over the
folded text (lower case, half width, simplified). All parts must be found, in any order; a part that
begins with `!` must not. `<name>` stands for a word list of words.yaml, ` .. ` for a short gap.

    pair: <sorry> .. & ^(?:but|however)\\b      two sentences that follow each other
    <user> & <careless> & !<if>                 one sentence (the default scope)
    text: <recall>                              anywhere
    cased: \b[A-Z]{3,5}\b                       one sentence as it was written, capitals and all
    two of: <refund> & <exchange> & <repair>    any two of the parts, in one sentence
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import ClassVar

from crisis.core.checks.findings import Level, Principle
from crisis.core.checks.likeness import Likeness
from crisis.core.checks.spans import Grammar
from crisis.core.script import Scribe
from crisis.core.text import Text

_FORBID_EXTRA: dict[str, str] = {"extra": "forbid"}
_SCOPE = re.compile(r"^(sentence|pair|text|head|sign|clause|cased): ")
_TWO_OF = "two of: "
_NAME = re.compile(r"(?<!\?P)<([a-z_]+)>")
_GAP = {"en": r".{0,60}?", "zh": r".{0,20}?"}


class Kind(StrEnum):
    """forbid: found is wrong. require: missing is wrong. order: found too late is wrong. structure: reckoned."""

    FORBID = "forbid"
    REQUIRE = "require"
    ORDER = "order"
    STRUCTURE = "structure"


class Act(StrEnum):
    """How a fix goes into the text: a clause or sentence goes, or is replaced by one, words are exchanged for words, or
    a sentence is added."""

    DELETE = "delete"
    REPLACE = "replace"
    EXCHANGE = "exchange"
    INSERT_FIRST = "insert_first"
    INSERT_LAST = "insert_last"
    MOVE_FIRST = "move_first"
    ADVISE = "advise"


class Tells(StrEnum):
    """What a place that a check forbids says, for the checks that look at others.

    cause     who or what caused the harm: the ledger must carry it
    promise   what the organisation vouches for: about the future it needs no fact
    extent    that few are affected: while an open fact is about how many, the ledger must carry it
    reason    a reason or a culprit: it comes after what people get
    remedy    what people get, if on a condition
    """

    CAUSE = "cause"
    PROMISE = "promise"
    EXTENT = "extent"
    REASON = "reason"
    REMEDY = "remedy"


class Reckoning(StrEnum):
    """What a check of kind structure reckons; nothing where what it needs is not given.

    ledger           what the text states and the ledger does not carry; `patterns` state something flatly, see Tells
    contradictions   a figure that differs from another text of the case
    copies           one text for three audiences or more
    questions        a question of the audience that is not answered
    wordings         `patterns` by themselves: what the sentences read like is not asked
    filing           `patterns` that are material, in the case of a listed company that has not filed it
    length           sentences that are too long
    promises         `patterns` that promise a deed, and no entry of the promise ledger speaks of it
    clock            a text that comes later than one of its kind is due
    strategy         `patterns` that deny, where `needs` makes amends or the responsibility is clear
    """

    LEDGER = "ledger"
    CONTRADICTIONS = "contradictions"
    COPIES = "copies"
    QUESTIONS = "questions"
    WORDINGS = "wordings"
    FILING = "filing"
    LENGTH = "length"
    PROMISES = "promises"
    CLOCK = "clock"
    STRATEGY = "strategy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """Patterns or example sentences of both languages."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID_EXTRA

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()

    def __getitem__(self, lang: str) -> tuple[str, ...]:
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """The state of the case in which a check is looked at. Empty fields do not limit.

    `unless_settled` / `only_settled`: see DraftText.is_settled. `gate`: the fault gate, open or closed.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID_EXTRA

    audiences: tuple[str, ...] = ()
    not_audiences: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    not_types: tuple[str, ...] = ()
    not_kinds: tuple[str, ...] = ()
    injury: bool | None = None
    unless_settled: bool = False
    only_settled: bool = False
    gate: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """The required element that is wanted early: the id of its check, and what its sentences read like.

    A sentence that scores at least `carries` has it without a wording; below `lacks` it has not, whatever its words.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID_EXTRA

    check: str
    carries: float
    lacks: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What else a check of kind order looks at, beside `patterns`, `after` and `latest`.

    element        the required element that `patterns` are the words of, by likeness too
    not_before     findings that tell this must not come earlier, like `after`
    stands_in      where no pattern is found, findings that tell this stand for one
    people_first   `patterns` name people and count in the body alone; where nobody is named, the first place that
                   `after` finds is out of order: it could not be worse
    reads_like     a sentence that scores at least so much for this check comes, as a guess, before what should be first
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID_EXTRA

    element: Element | None = None
    not_before: frozenset[Tells] = frozenset()
    stands_in: frozenset[Tells] = frozenset()
    people_first: bool = False
    reads_like: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Remedy:
    """The fix of a check: the advice, how it goes into the text, and the words that go in.

    `text` is a whole sentence, without its full stop, where a clause is replaced; in a traditional text it is turned
    into traditional characters. `words` are what `text` can stand for one for one, or what can simply be taken out.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID_EXTRA

    note: Text
    act: Act = Act.ADVISE
    text: Text | None = None
    words: Lines = Lines()


@dataclass(frozen=True, kw_only=True, slots=True)
class Examples:
    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID_EXTRA

    good: Lines
    bad: Lines


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One rule for statements, as it is written in playbooks/checks/.

    patterns   what must not be there (forbid), must be there (require), must come first (order)
    unproven   forbidden as well, but only while no confirmed fact or approved remedy matches `proof`
    broad      forbidden as well (like `unproven` where the check has a proof), but only in a text that lacks a
               required element: roundabout wording is believed of a text that leaves people without an answer,
               and taken literally in one that has them all
    faint      the same, but only in a text that lacks two: wording that is harmless nearly everywhere else
    unless     in the same sentence (with `pair:` in it or the next, with `text:` anywhere) this makes the
               pattern harmless; for a required element: the sentence does not count, with `text:` the
               element is not needed
    needs      without this in the text or the ledger there is nothing to look at
    after      order: what must not come earlier
    latest     order: instead, how many body sentences may come first, those that match `after` not counted
    order      order: what else it looks at, see Order
    reckons    structure: what it reckons, see Reckoning
    tells      forbid: what its findings say to other checks, see Tells
    announces  require: its sentences say when people hear next; that time is read from them and promised
    severe     with injured people the severity is this
    quotes     words of others in quotation marks count too

    unless_refuted      forbid: nothing is forbidden once the accusation is disproved (DraftText.claim_refuted)
    unless_own_number   forbid: telephone numbers of the organisation (DraftText.own_numbers) do not count

    No check has a power by its id: one of the organisation's own has those that it states, and a check that replaces
    another states them anew.

    So it is where wordings alone decide; where the check set has a likeness, each is one sign of several.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID_EXTRA

    id: str
    name: Text
    principle: Principle
    severity: Level
    severe: Level | None = None
    kind: Kind
    when: When = When()
    patterns: Lines = Lines()
    unproven: Lines = Lines()
    proof: Lines = Lines()
    broad: Lines = Lines()
    faint: Lines = Lines()
    unless: Lines = Lines()
    needs: Lines = Lines()
    after: Lines = Lines()
    latest: int | None = None
    order: Order = Order()
    reckons: Reckoning | None = None
    tells: frozenset[Tells] = frozenset()
    announces: bool = False
    unless_refuted: bool = False
    unless_own_number: bool = False
    quotes: bool = False
    message: Text
    fix: Remedy
    examples: Examples
    source: str


class Scope(StrEnum):
    SENTENCE = "sentence"
    PAIR = "pair"
    CLAUSE = "clause"
    TEXT = "text"
    HEAD = "head"
    SIGN = "sign"
    CASED = "cased"


@dataclass(frozen=True, slots=True)
class Part:
    regex: re.Pattern[str]
    wanted: bool
    can_skim: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled line. `can_skim`: a part that is nowhere in the text is in no sentence either.

    `least`: so many of the wanted parts are enough; 0 for all of them.
    """

    scope: Scope
    parts: tuple[Part, ...]
    least: int = 0


@dataclass(frozen=True, slots=True)
class Compiled:
    """The patterns of one check in one language."""

    patterns: tuple[Pattern, ...] = ()
    unproven: tuple[Pattern, ...] = ()
    proof: tuple[Pattern, ...] = ()
    broad: tuple[Pattern, ...] = ()
    faint: tuple[Pattern, ...] = ()
    unless: tuple[Pattern, ...] = ()
    needs: tuple[Pattern, ...] = ()
    after: tuple[Pattern, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckSet:
    """All checks ready to read with, by id, with the folding table for traditional characters.

    `concepts` are word lists that the reckoned checks need, by language and name; `exchanges` what a fix exchanges, by
    check and language; `known` the Chinese words of all wordings; `written` the sentences with blanks that fixes write,
    `blanks` those blanks; `grammar` by language, and the `scribe` who writes them in the characters of the text.
    Without a `likeness` the wordings alone decide.
    """

    checks: tuple[Check, ...]
    compiled: Mapping[tuple[str, str], Compiled]
    grammar: Mapping[str, Grammar]
    scribe: Scribe
    traditional: Mapping[int, str] = field(default_factory=dict)
    concepts: Mapping[tuple[str, str], re.Pattern[str]] = field(default_factory=dict)
    exchanges: Mapping[tuple[str, str], re.Pattern[str]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    written: tuple[re.Pattern[str], ...] = ()
    blanks: frozenset[str] = frozenset()
    likeness: Likeness | None = None

    def prepare(self) -> None:
        """Loads what the checks read with. Called before a transaction that checks a text, others would wait for it."""
        if self.likeness is not None:
            self.likeness.reads.prepare()

    def check(self, identity: str) -> Check:
        return next(check for check in self.checks if check.id == identity)

    def concept(self, lang: str, name: str) -> re.Pattern[str]:
        return self.concepts[("en" if lang == "en" else "zh", name)]


def expand(source: str, words: Mapping[str, str], *, lang: str) -> str:
    """A pattern with its word lists and gaps written out. Raises KeyError for an unknown `<name>`."""
    for _ in range(6):
        if not _NAME.search(source):
            break
        source = _NAME.sub(lambda found: f"(?:{words[found.group(1)]})", source)
    return source.replace(" .. ", _GAP[lang]).replace("..", _GAP[lang])


@cache
def _compiled(source: str) -> re.Pattern[str]:
    """One object for equal sources, so that a search can remember what it found."""
    return re.compile(source)


def compile_pattern(line: str, words: Mapping[str, str], *, lang: str) -> Pattern:
    """A pattern line ready to search with. Raises KeyError, re.error."""
    scope = Scope.SENTENCE
    if named := _SCOPE.match(line):
        scope = Scope(named.group(1))
        line = line[named.end() :]
    least = 0
    if line.startswith(_TWO_OF):
        least = 2
        line = line.removeprefix(_TWO_OF)
    parts = []
    for piece in line.split(" & "):
        wanted = not piece.startswith("!")
        source = expand(piece.removeprefix("!").strip(), words, lang=lang)
        # A look-around or an anchor can be true in a sentence and false in the whole text.
        can_skim = scope is not Scope.CASED and not any(mark in source for mark in ("(?!", "(?<", "(?=", "^", "$"))
        parts.append(Part(_compiled(source), wanted, can_skim))
    return Pattern(scope, tuple(parts), least)


def compile_check(check: Check, words: Mapping[str, str], *, lang: str) -> Compiled:
    """All lines of a check for one language. Raises ValueError that names the line."""

    def lines(source: Lines) -> tuple[Pattern, ...]:
        compiled = []
        for line in source[lang]:
            try:
                compiled.append(compile_pattern(line, words, lang=lang))
            except KeyError as error:
                raise ValueError(f"{check.id}: {lang}: unknown word list <{error.args[0]}> in: {line}") from None
            except re.error as error:
                raise ValueError(f"{check.id}: {lang}: {error} in: {line}") from None
        return tuple(compiled)

    return Compiled(
        patterns=lines(check.patterns),
        unproven=lines(check.unproven),
        proof=lines(check.proof),
        broad=lines(check.broad),
        faint=lines(check.faint),
        unless=lines(check.unless),
        needs=lines(check.needs),
        after=lines(check.after),
    )
