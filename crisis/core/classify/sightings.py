"""What a case says: every concept that is seen in its mentions and facts, and in which words.

    mentions, facts -> sentences -> words found -> denied? hearsay? an old case? about another firm?
                                                -> sightings, each with a strength and its characters

A sighting counts fully in a plain sentence, less when it is hearsay, in an open fact or about somebody
else, and not at all when it is denied or when the sentence recalls an old case.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crisis.core.case import Case, CaseMention, CreditKind, CrisisType, FactStatus, OutletKind
from crisis.core.classify.amounts import amounts, weight
from crisis.core.classify.likeness import BEARABLE, LEAST_LIKE, READS_LIKE, SEVERE
from crisis.core.classify.matcher import Hit
from crisis.core.classify.names import Names, find_name
from crisis.core.classify.rules import Concept, Negation, Rules, Where
from crisis.core.text import Text
from monitors.folding import Folded, fold

_READ_FOR = (*CrisisType, *CreditKind, SEVERE, BEARABLE)
_SENTENCE_END = re.compile(r"(?<=[。！？；!?;])|(?<=\.)(?=\s)")
_CLAUSE_BORDER = re.compile(r"[,，。;；:：!?！？]| but |但| although | though ")
# How near before a word a denial must stand, in characters.
_NEAR = {True: 7, False: 24}
HEARSAY = 0.7
ABOUT_OTHERS = 0.4
CONFIRMED_FACT = 1.3
OPEN_FACT = 0.7
TITLE = 1.2
# The concept whose words in the name of an outlet say that we ourselves speak.
WE_SPEAK = "we_speak"
# So many mentions are the first reports.
EARLY = 2
# From this reach on an outlet is heard in the whole country, up to this one only in its place (1 to 5).
NATIONAL, LOCAL = 4, 2
_MANY_ITEMS = re.compile(
    r"(?:[^、，,。;]{1,14}、){2,}[^、，,。;]{1,14}|(?:[\w' -]{2,28}, ){2,}(?:and |or )?[\w' -]{2,28}"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """A concept seen at `span` of the text of a mention, or of the claim of a fact.

    Exactly one of `mention` and `fact` is an index into the case; both are None for what is true of the
    case as a whole. `strength` is 0 to about 1.6. `like`: headlines of labelled cases that a likeness rests on.
    """

    concept: str
    strength: float
    mention: int | None = None
    fact: int | None = None
    span: tuple[int, int] | None = None
    like: Text | None = None


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A folded sentence and where it comes from."""

    text: str
    folded: Folded
    at: int  # offset of the sentence in folded.text
    base: int  # offset of the folded unit in the original text
    mention: int | None
    fact: int | None
    weight: float

    def span(self, start: int, end: int) -> tuple[int, int]:
        left, right = self.folded.span(self.at + start, self.at + end)
        return self.base + left, self.base + right


def _sentences_of(text: str, base: int, *, mention: int | None, fact: int | None, weight: float) -> Iterator[_Sentence]:
    folded = fold(text)
    at = 0
    for piece in _SENTENCE_END.split(folded.text):
        if piece.strip():
            yield _Sentence(piece, folded, at, base, mention, fact, weight)
        at += len(piece)


def _sentences(case: Case) -> Iterator[_Sentence]:
    for index, mention in enumerate(case.mentions):
        yield from _sentences_of(mention.title, 0, mention=index, fact=None, weight=TITLE)
        if mention.summary:
            base = len(mention.title) + 1
            yield from _sentences_of(mention.summary, base, mention=index, fact=None, weight=1.0)
    for index, fact in enumerate(case.facts):
        weight = CONFIRMED_FACT if fact.status is FactStatus.CONFIRMED else OPEN_FACT
        yield from _sentences_of(fact.claim, 0, mention=None, fact=index, weight=weight)


def _denied(text: str, at: int, denials: Sequence[tuple[int, int]]) -> bool:
    """Does a denial stand just before the word, in the same clause?"""
    near = _NEAR[not text[at : at + 1].isascii()]
    return any(0 <= at - end <= near and not _CLAUSE_BORDER.search(text[end:at]) for _start, end in denials)


def sightings(case: Case, rules: Rules) -> tuple[Sighting, ...]:
    """Everything seen, mentions first, in reading order; what is true of the whole case comes last."""
    names = Names.of(case, rules.name_endings, rules.common_words)
    found: list[Sighting] = []
    for sentence in _sentences(case):
        found.extend(_seen_in(sentence, case, rules, names))
        found.extend(_figures(sentence, rules, names))
    found.extend(_reach(case, rules))
    found.extend(_who_speaks(case, rules))
    found.extend(_dynamic(case, rules, names))
    found.extend(_kind_of_organisation(case, rules))
    found.extend(_event_without_us(case, rules, names, found))
    found.extend(_reads_like(case, rules))
    return tuple(found)


def texts_read(case: Case) -> tuple[str, ...]:
    """The folded texts of a case that are compared with labelled cases: its mentions, then the claims of its facts."""
    texts = (*(mention.text for mention in case.mentions), *(fact.claim for fact in case.facts))
    return tuple(fold(text).text for text in texts if text.strip())


def _reads_like(case: Case, rules: Rules) -> Iterator[Sighting]:
    """What mentions and facts together read like."""
    if rules.reader is None:
        return
    for like in rules.reader(texts_read(case), _READ_FOR, least=LEAST_LIKE):
        for concept in rules.dynamic(READS_LIKE + like.name):
            yield Sighting(concept=concept.id, strength=round(like.amount, 3), like=like.cases)


def _kind_of_organisation(case: Case, rules: Rules) -> Iterator[Sighting]:
    about_us = fold(" ".join((*case.org.names, case.org.industry))).text
    names = {hit.name for hit in rules.matcher.hits(about_us)}
    for concept in rules.concepts:
        if concept.where is Where.ORG and concept.id in names:
            yield Sighting(concept=concept.id, strength=1.0)


def _event_without_us(case: Case, rules: Rules, names: Names, found: Sequence[Sighting]) -> Iterator[Sighting]:
    """Among the first reports of papers, wires, television and authorities: an event, and we are not in it.

    Such outlets name whom they accuse. A post does not, so posts say nothing here.
    """
    for index, mention in enumerate(case.mentions[:EARLY]):
        if mention.kind is OutletKind.SOCIAL or _ours(mention, rules, names) is not None:
            continue
        event = next((item for item in found if item.mention == index and rules.by_id[item.concept].event), None)
        if event is not None and event.span is not None:
            yield from _whole_case(rules, "event_without_us", mention=index, span=event.span)


def _who_speaks(case: Case, rules: Rules) -> Iterator[Sighting]:
    """What the names of the first outlets say about who speaks: a fire brigade, an exchange, a shop's own counter."""
    for index, mention in enumerate(case.mentions[:EARLY]):
        for name in {hit.name for hit in rules.outlets.hits(fold(mention.outlet).text)}:
            yield Sighting(
                concept=name,
                strength=round(min(1.0, EARLY / len(case.mentions)), 3),
                mention=index,
                span=(0, len(mention.title)),
            )


def _fits(concept: Concept, sentence: _Sentence, case: Case) -> bool:
    if sentence.mention is not None:
        if concept.where is Where.FIRST:
            return sentence.mention < EARLY
        return concept.where in (Where.ANY, Where.MENTION)
    assert sentence.fact is not None
    return concept.where in (Where.ANY, Where.FACT) and concept.status.fits(case.facts[sentence.fact].status)


def _seen_in(sentence: _Sentence, case: Case, rules: Rules, names: Names) -> Iterator[Sighting]:
    hits = rules.matcher.hits(sentence.text)
    if not hits:
        return
    about_us = find_name(sentence.text, names.us)
    about_others = find_name(sentence.text, names.others)
    around = {hit.name: hit for hit in hits if hit.name.startswith("!")}
    if "!past" in around and about_us is None:
        return
    denials = [(hit.start, hit.end) for hit in hits if hit.name == "!negation"]
    weight = sentence.weight * (HEARSAY if "!hearsay" in around else 1.0)
    seen: dict[str, Hit] = {}
    for hit in hits:
        if hit.name.startswith("!"):
            continue
        concept = rules.by_id[hit.name]
        if not _fits(concept, sentence, case):
            continue
        if concept.negation is Negation.DROP and _denied(sentence.text, hit.start, denials):
            continue
        # Of several words for one thing in a sentence the surest counts, the first of equals.
        if hit.name not in seen or hit.strength > seen[hit.name].strength:
            seen[hit.name] = hit
    for hit in seen.values():
        concept = rules.by_id[hit.name]
        strength = weight * hit.strength
        if concept.where is Where.FIRST:
            # Once more is known, what people first said counts for less.
            strength *= min(1.0, EARLY / len(case.mentions))
        if concept.event and about_others is not None and about_us is None:
            strength *= ABOUT_OTHERS
        yield Sighting(
            concept=hit.name,
            strength=round(strength, 3),
            mention=sentence.mention,
            fact=sentence.fact,
            span=sentence.span(hit.start, hit.end),
        )
    if about_others is not None and about_us is None:
        for concept in rules.dynamic("other_fault"):
            if any(rules.by_id[name].event for name in seen):
                yield Sighting(
                    concept=concept.id,
                    strength=round(weight, 3),
                    mention=sentence.mention,
                    fact=sentence.fact,
                    span=sentence.span(*about_others),
                )


def _figures(sentence: _Sentence, rules: Rules, names: Names) -> Iterator[Sighting]:
    """Figures of the dead, the hurt, people and money, each as strong as its order of magnitude."""
    for amount in amounts(sentence.text):
        for concept in rules.dynamic(f"amount_{amount.measure}"):
            if "!past" in {hit.name for hit in rules.matcher.hits(sentence.text)}:
                continue
            yield Sighting(
                concept=concept.id,
                strength=round(sentence.weight * weight(amount), 3),
                mention=sentence.mention,
                fact=sentence.fact,
                span=sentence.span(amount.start, amount.end),
            )


def _reach(case: Case, rules: Rules) -> Iterator[Sighting]:
    """How far the case is heard: the shares of mentions that stay local or are national, and how many voices speak."""
    if not case.mentions:
        return
    for name, heard in (
        ("local_share", [place for place, item in enumerate(case.mentions) if item.reach <= LOCAL]),
        ("national_share", [place for place, item in enumerate(case.mentions) if item.reach >= NATIONAL]),
    ):
        for concept in rules.dynamic(name) if heard else ():
            first = case.mentions[heard[0]]
            share = round(len(heard) / len(case.mentions), 3)
            yield Sighting(concept=concept.id, strength=share, mention=heard[0], span=(0, len(first.title)))
    outlets = len({mention.outlet or place for place, mention in enumerate(case.mentions)})
    for concept in rules.dynamic("voices"):
        yield Sighting(concept=concept.id, strength=round(math.log10(outlets), 3))


def _ours(mention: CaseMention, rules: Rules, names: Names) -> tuple[int, int] | None:
    """Where a mention names us; its title when we ourselves are the one who speaks."""
    named = _place(mention.text, names.us)
    if named is None and (
        _place(mention.outlet, names.us) is not None
        or any(hit.name == WE_SPEAK for hit in rules.outlets.hits(fold(mention.outlet).text))
    ):
        return 0, len(mention.title)
    return named


def _place(text: str, names: Sequence[str]) -> tuple[int, int] | None:
    folded = fold(text)
    found = find_name(folded.text, names)
    return None if found is None else folded.span(*found)


def _dynamic(case: Case, rules: Rules, names: Names) -> Iterator[Sighting]:
    """What follows from who is named where, and from who speaks first."""
    for index, mention in enumerate(case.mentions[:EARLY]):
        us, others = _ours(mention, rules, names), _place(mention.text, names.others)
        if others is not None and (us is None or others < us):
            yield from _whole_case(rules, "other_first", mention=index, span=others)
        elif us is not None:
            yield from _whole_case(rules, "us_first", mention=index, span=us)
        else:
            yield from _whole_case(rules, "nobody_first", mention=index, span=(0, len(mention.title)))
            # Outlets name whom they accuse, posts often do not.
            if index == 0 and mention.kind is not OutletKind.SOCIAL:
                yield from _whole_case(rules, "nobody_first_report", mention=index, span=(0, len(mention.title)))
    yield from _first_pair(case, rules, names)
    for index, fact in enumerate(case.facts):
        us, others = _place(fact.claim, names.us), _place(fact.claim, names.others)
        if others is not None and (us is None or others < us):
            yield from _whole_case(rules, "other_fact", fact=index, span=others)
        elif us is not None:
            yield from _whole_case(rules, "us_fact", fact=index, span=us)
        if fact.status is FactStatus.DISPUTED:
            yield from _whole_case(rules, "disputed_fact", fact=index, span=(0, len(fact.claim)))
        elif fact.status is FactStatus.UNCONFIRMED:
            yield from _whole_case(rules, "open_fact", fact=index, span=(0, len(fact.claim)))
    if case.mentions:
        first = case.mentions[0]
        yield from _whole_case(rules, f"first_{first.kind}", mention=0, span=(0, len(first.title)))
    for index, mention in enumerate(case.mentions):
        listed = _MANY_ITEMS.search(mention.text)
        if listed:
            yield from _whole_case(rules, "list_of_things", mention=index, span=listed.span())
        if mention.title.rstrip().endswith(("?", "？")):
            yield from _whole_case(rules, "asking_title", mention=index, span=(0, len(mention.title)))
        if mention.kind is OutletKind.SOCIAL:
            yield from _whole_case(rules, "social_voice", mention=index, span=(0, len(mention.title)))
        if mention.reach >= 5:
            yield from _whole_case(rules, "top_reach", mention=index, span=(0, len(mention.title)))
        others = _place(mention.text, names.others)
        if others is not None:
            yield from _whole_case(rules, "other_named", mention=index, span=others)


def _first_pair(case: Case, rules: Rules, names: Names) -> Iterator[Sighting]:
    """What the first two reports say together."""
    early = case.mentions[:EARLY]
    us = [place for place, item in enumerate(early) if _ours(item, rules, names) is not None]
    others = [place for place, item in enumerate(early) if _place(item.text, names.others) is not None]
    fades = round(min(1.0, EARLY / max(1, len(case.mentions))), 3)
    name = ""
    if others and us and others[0] not in us and us[-1] > others[0]:
        name = "other_then_us"
    elif us and not others:
        name = "only_us"
    for concept in rules.dynamic(name):
        yield Sighting(concept=concept.id, strength=fades)
    for concept in rules.dynamic("many_partners"):
        if len(case.org.suppliers) > 1:
            yield Sighting(concept=concept.id, strength=round(math.log2(len(case.org.suppliers)), 3))


def _whole_case(
    rules: Rules, dynamic: str, *, span: tuple[int, int], mention: int | None = None, fact: int | None = None
) -> Iterator[Sighting]:
    for concept in rules.dynamic(dynamic):
        yield Sighting(concept=concept.id, strength=1.0, mention=mention, fact=fact, span=span)


def first_hours(case: Case, mentions: int) -> Case:
    """The case as it was when only the first `mentions` of it were out, with the facts known by then."""
    kept: tuple[CaseMention, ...] = case.mentions[:mentions]
    until = kept[-1].hours if kept else 0.0
    facts = tuple(fact for fact in case.facts if fact.hours <= until)
    return Case(id=case.id, org=case.org, mentions=kept, facts=facts, language=case.language)
