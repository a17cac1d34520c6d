"""The audience plan: who is told within a day, in which order, and the four questions answered for each.

    case + classification -> signals -> who must be told -> order with reasons -> answers, stance, channels, clock

Who they are, what they know or need, how they feel, how to motivate or satisfy them: the card of an audience
answers for the type of crisis, and what was heard (mentions, complaints, responses) goes before it. A negative
audience is to be moved to neutral, not to praise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import ClassVar

from crisis.core.case import Case, CrisisType
from crisis.core.classify.likeness import CaseReader
from crisis.core.feeling import FeelingWords, Heard, Voice, asked_by, listen_to, told_by
from crisis.core.need import READS_ALIKE, Need, NeedRules, Row, Seen, TypeJudgement, look, weigh
from crisis.core.text import Text

AUDIENCES = (
    "victims",
    "customers",
    "employees",
    "media",
    "regulators",
    "dealers",
    "suppliers",
    "investors",
    "lenders",
    "community",
    "public",
    "peers",
    "platforms",
    "partners",
    "unions",
    "government",
)
# The legal clock or a disclosure rule decides for these; see playbooks/legal/.
BY_LAW = ("regulators", "government")
BY_DISCLOSURE = ("investors", "lenders")
# With people hurt the first contact is due within the hour. Source: domain research part 4.1 and 4.2.
URGENT_HOURS = 1.0

# Reasons that a page gives for telling an audience besides the fixed ones: the heaviest; `Need` has every row.
_MOST_SAID = 5
_LEAST_SAID = 0.5

_FORBID: dict[str, str] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question that this audience asks most, and the answer a draft gives (Jinja, see crisis.content.statements)."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    ask: Text
    answer: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedAnswers:
    """The four answers of one audience for one type of crisis, and its first question."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    who: Text
    know_or_need: Text
    feel: Text
    motivate: Text
    ask: Text
    answer: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Values:
    """What the audience values: codes of playbooks/values.yaml."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    material: tuple[str, ...]
    inner: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Channels:
    """Ways to reach an audience, in China and elsewhere."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    china: tuple[Text, ...]
    international: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AudienceCard:
    """What the house knows about an audience before anything happens. `order` is its place in lists of cards.

    `public` says that texts for this audience are for everybody: they may stand in the newsroom. What is written
    for others (families, staff, authorities, partners) does not appear there.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    id: str
    version: int
    name: Text
    order: int
    deadline_hours: Mapping[CrisisType, float]
    stance_now: Mapping[CrisisType, int]
    values: Values
    channels: Channels
    spokesperson: Text
    do: tuple[Text, ...]
    dont: tuple[Text, ...]
    types: Mapping[CrisisType, TypedAnswers]
    questions: tuple[Question, ...]
    public: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """`audience` is told first when it must be told with at least this sum of points and all of `when` holds."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    audience: str
    at_least: float
    when: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TellingOrder:
    """The reviewed content of playbooks/telling_order.yaml. `signs`: what would speak most plainly for an audience; of
    these alone it is said that they are not there."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    version: int
    order: Mapping[CrisisType, tuple[str, ...]]
    lead: tuple[Lead, ...]
    salience: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, Text]
    activity: Mapping[str, Text]
    stances: Mapping[str, Text]
    left_out: Text
    left_out_either: Text
    left_out_both: Text
    left_out_none: Text
    left_out_few: Text
    absent: Text
    alike: Text
    conditions: Mapping[str, Text]
    signs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class AudienceContent:
    """All content that the analysis needs, loaded by `crisis.content.audiences`. Without a `reader` nothing is guessed
    from what a case reads like."""

    cards: Mapping[str, AudienceCard]
    needs: NeedRules
    order: TellingOrder
    feelings: FeelingWords
    values: Mapping[str, Text]
    reader: CaseReader | None = None

    def is_public(self, audience: str) -> bool:
        """Whether texts for this audience are for everybody."""
        return audience in self.cards and self.cards[audience].public

    @property
    def public(self) -> tuple[str, ...]:
        """The audiences whose texts are for everybody, in the order of their cards' names."""
        return tuple(sorted(name for name, card in self.cards.items() if card.public))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why an audience is told, or told at this place. `points` when it is a row of the sum."""

    code: str
    text: Text
    points: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AudiencePlan:
    """One audience of one case, in telling order (`order` from 1).

    `deadline_hours` counts from the first public signal. `stance` now and `target` -2..+2; `stance_text` says them in
    words. `heard` are the sources of `feel`. `activity` is latent, aware or active. `channels` are those that fit the
    languages of the case; both lists stay available.
    """

    audience: str
    name: Text
    order: int
    deadline_hours: float
    who: Text
    know_or_need: Text
    feel: Text
    motivate: Text
    heard: tuple[Heard, ...]
    values_material: tuple[Text, ...]
    values_inner: tuple[Text, ...]
    stance: float
    target: float
    stance_text: Text
    target_text: Text
    activity: str
    activity_text: Text
    channels: tuple[Text, ...]
    channels_china: tuple[Text, ...]
    channels_international: tuple[Text, ...]
    spokesperson: Text
    do: tuple[Text, ...]
    dont: tuple[Text, ...]
    questions: tuple[Question, ...]
    reasons: tuple[Reason, ...]
    need: Need

    @property
    def blanks(self) -> tuple[str, ...]:
        """The questions of the four without an answer in both languages; they block submission."""
        named = {"who": self.who, "know_or_need": self.know_or_need, "feel": self.feel, "motivate": self.motivate}
        return tuple(name for name, text in named.items() if not (text.zh.strip() and text.en.strip()))


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """An audience that is not told on its own within a day, and why."""

    audience: str
    name: Text
    reason: Text
    need: Need


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """The plan of a case: audiences in telling order, and those left out with a reason."""

    audiences: tuple[AudiencePlan, ...]
    left_out: tuple[LeftOut, ...]
    seen: Seen


def analyse(case: Case, judged: TypeJudgement, content: AudienceContent, *, voices: Iterable[Voice] = ()) -> Analysis:
    """Who must be told in this case, in which order and how. `voices` are complaints and responses at hand."""
    seen = look(case, judged, content.needs, content.reader)
    needs = {
        audience: weigh(audience, content.needs.audiences[audience], seen)
        for audience in AUDIENCES
        if audience in content.cards
    }
    heard = listen_to(case, content.feelings, voices)
    told = _in_order([need for need in needs.values() if need.told], judged.primary, content.order, seen)
    hurt = seen.holds("casualties") and judged.primary is not CrisisType.CHAIN
    plans = tuple(
        _planned(
            content.cards[need.audience], need, case, judged, content, seen, heard.get(need.audience, ()), place, hurt
        )
        for place, need in enumerate(told, 1)
    )
    left = tuple(
        LeftOut(audience=name, name=content.cards[name].name, reason=_missing(need, content, seen), need=need)
        for name, need in needs.items()
        if not need.told
    )
    return Analysis(audiences=plans, left_out=left, seen=seen)


def is_hurt(seen: Seen) -> bool:
    """Whether the case says that people were hurt, fell ill, died or are missing."""
    return seen.holds("casualties")


def _in_order(told: Sequence[Need], primary: CrisisType, rules: TellingOrder, seen: Seen) -> list[Need]:
    places = {audience: place for place, audience in enumerate(rules.order[primary])}
    ordered = sorted(told, key=lambda need: places.get(need.audience, len(places)))
    sums = {need.audience: need.total for need in told}
    for lead in rules.lead:
        if sums.get(lead.audience, float("-inf")) >= lead.at_least and all(map(seen.holds, lead.when)):
            return sorted(ordered, key=lambda need: need.audience != lead.audience)
    return ordered


def _planned(
    card: AudienceCard,
    need: Need,
    case: Case,
    judged: TypeJudgement,
    content: AudienceContent,
    seen: Seen,
    heard: tuple[Heard, ...],
    place: int,
    hurt: bool,
) -> AudiencePlan:
    typed = card.types[judged.primary]
    deadline = card.deadline_hours[judged.primary]
    if hurt and card.id in ("victims", "customers"):
        deadline = min(deadline, URGENT_HOURS)
    stance = _stance(card.stance_now[judged.primary], heard, content.feelings)
    target = max(stance, 0.0)
    activity = _activity(heard, deadline)
    china, abroad = card.channels.china, card.channels.international
    return AudiencePlan(
        audience=card.id,
        name=card.name,
        order=place,
        deadline_hours=deadline,
        who=typed.who,
        know_or_need=asked_by(heard, content.feelings, typed.know_or_need),
        feel=told_by(heard, content.feelings, typed.feel),
        motivate=typed.motivate,
        heard=heard,
        values_material=tuple(content.values[code] for code in card.values.material),
        values_inner=tuple(content.values[code] for code in card.values.inner),
        stance=stance,
        target=target,
        stance_text=content.order.stances[_sign(stance)],
        target_text=content.order.stances[_sign(target)],
        activity=activity,
        activity_text=content.order.activity[activity],
        channels=_channels(case, china, abroad),
        channels_china=china,
        channels_international=abroad,
        spokesperson=card.spokesperson,
        do=card.do,
        dont=card.dont,
        questions=(Question(ask=typed.ask, answer=typed.answer), *card.questions),
        reasons=_reasons(card.id, need, content, place),
        need=need,
    )


def _stance(expected: int, heard: Sequence[Heard], words: FeelingWords) -> float:
    """Mean of the stances that people entered; else the lower of what the card expects and what was heard."""
    entered = [item.stance for item in heard if item.stance is not None]
    if entered:
        return round(sum(entered) / len(entered), 1)
    known = {feeling.id: feeling.stance for feeling in words.feelings}
    felt = [known[feeling] for item in heard for feeling in item.feelings]
    return float(min(expected, min(felt))) if felt else float(expected)


def _sign(stance: float) -> str:
    return "negative" if stance < 0 else "positive" if stance > 0 else "neutral"


def _activity(heard: Sequence[Heard], deadline: float) -> str:
    """Latent, aware or active: problem recognition + involvement - constraint.

    Source: Grunig's situational theory of publics; the thresholds are our own (domain research part 3.8).
    """
    problem = min(3, len({(item.where, item.mention) for item in heard}))
    involvement = 3 if deadline <= 1 else 2 if deadline <= 4 else 1
    constraint = min(3, sum(item.helpless for item in heard))
    sum_ = problem + involvement - constraint
    return "active" if sum_ >= 4 else "aware" if sum_ >= 2 else "latent"


def _channels(case: Case, china: tuple[Text, ...], abroad: tuple[Text, ...]) -> tuple[Text, ...]:
    languages = {mention.lang[:2] for mention in case.mentions if mention.lang} or {case.language[:2]}
    if "zh" in languages and languages - {"zh"}:
        return china + tuple(channel for channel in abroad if channel not in china)
    return china if "zh" in languages else abroad


def _reasons(audience: str, need: Need, content: AudienceContent, place: int) -> tuple[Reason, ...]:
    rules = content.order
    codes = []
    if place == 1:
        codes.append("victims_first" if audience == "victims" else "hit_hardest")
    if audience in BY_LAW:
        codes.append("law")
    if audience in BY_DISCLOSURE:
        codes.append("disclosure")
    if audience in ("employees", "unions"):
        codes.append("staff_before_press")
    if audience in ("dealers", "partners"):
        codes.append("dealers_before_ask")
    codes.append({3: "definitive", 2: "expectant"}.get(len(rules.salience.get(audience, ())), "latent"))
    reasons = [Reason(code=code, text=rules.reasons[code]) for code in codes]
    # "People were hurt" and "people were hurt, twice over" read the same: one reason with the sum of their points.
    said: dict[Text, Reason] = {}
    for row in need.rows:
        text = _said_of(row, content)
        before = said.get(text)
        points = round(row.points + (before.points or 0 if before else 0), 2)
        said[text] = Reason(code=before.code if before else "+".join(row.when), text=text, points=points)
    heaviest = sorted((reason for reason in said.values() if (reason.points or 0) > 0), key=lambda r: -(r.points or 0))
    # What barely moved the sum would puzzle a reader: it is said only when nothing else is.
    heaviest = [reason for reason in heaviest if (reason.points or 0) >= _LEAST_SAID] or heaviest[:1]
    # A guess stands after what was seen.
    return (*reasons, *sorted(heaviest[:_MOST_SAID], key=lambda reason: reason.code == READS_ALIKE))


def _said_of(row: Row, content: AudienceContent) -> Text:
    if row.cases is None:
        return _said(row.when, content)
    return _put(content.order.alike, cases=row.cases)


def _said(conditions: Sequence[str], content: AudienceContent) -> Text:
    """What holds when all of these conditions do."""
    says = {signal.id: signal.says for signal in content.needs.signals} | dict(content.order.conditions)
    texts = []
    for condition in conditions:
        name = condition.removeprefix("not ").removesuffix("+")
        if name in says:
            texts.append(_put(content.order.absent, sign=says[name]) if condition.startswith("not ") else says[name])
    return Text(zh="，而且".join(text.zh for text in texts), en=" and ".join(text.en for text in texts))


def _missing(need: Need, content: AudienceContent, seen: Seen) -> Text:
    """Which signs would bring this audience in and are not there: one alone, either of two, or two together; else the
    plainest sign that is not there."""
    order, rule = content.order, content.needs.audiences[need.audience]

    def enough(*signs: str) -> bool:
        return weigh(need.audience, rule, replace(seen, hits={**seen.hits, **dict.fromkeys(signs, ())})).told

    signs = [sign for sign in order.signs.get(need.audience, ()) if not seen.holds(sign)]
    alone = [_said([sign], content) for sign in signs if enough(sign)]
    if len(alone) > 1:
        return _put(order.left_out_either, first=alone[0], second=alone[1])
    if alone:
        return _put(order.left_out, sign=alone[0])
    together = next((pair for pair in combinations(signs, 2) if enough(*pair)), None)
    if together is None:
        return _put(order.left_out_none, sign=_said(signs[:1], content)) if signs else order.left_out_few
    first, second = (_said([sign], content) for sign in together)
    return _put(order.left_out_both, first=first, second=second)


def _put(said: Text, **words: Text) -> Text:
    zh, en = said.zh, said.en
    for name, word in words.items():
        zh, en = zh.replace(f"{{{name}}}", word.zh), en.replace(f"{{{name}}}", word.en)
    return Text(zh=zh, en=en)
