"""The plan of a case as one value: playbook, audiences in telling order, coverage, legal reminders, principles.

    case + classification + content -> Plan

The command `crisis plan` and the incident room build it the same way. Wording of messages is not here: drafts are
made from a plan by `crisis.content.statements`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from crisis.core.audience import Analysis, AudienceContent, AudiencePlan, analyse
from crisis.core.case import Case, OutletKind
from crisis.core.coverage import Coverage, coverage
from crisis.core.drafting import age_of
from crisis.core.feeling import Speakers, Voice
from crisis.core.legal import Law, LegalContent, law
from crisis.core.need import Seen, TypeJudgement, pattern
from crisis.core.playbook import Playbook, PlaybookShelf
from crisis.core.text import Text
from monitors.folding import fold


@dataclass(frozen=True, kw_only=True, slots=True)
class PrincipleContent:
    """The reviewed content of playbooks/principles.yaml: what each row says, and words that mark our own voice."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    verified: Text
    unknown_said: Text
    first_word: Text
    in_time: Text
    self_disclosed: Text
    order_kept: Text
    covered: Text
    questions: Text
    own_words: Speakers


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanContent:
    """All content that a plan is made from, loaded by `crisis.content.plans`."""

    playbooks: PlaybookShelf
    audiences: AudienceContent
    legal: LegalContent
    principles: PrincipleContent


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareRow:
    """One proxy of a principle, 0..1, and what it means."""

    code: str
    share: float
    text: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class PrincipleShare:
    """How the response stands on one principle: the mean of its rows, 0..1."""

    principle: str
    rows: tuple[ShareRow, ...]

    @property
    def share(self) -> float:
        return round(sum(row.share for row in self.rows) / len(self.rows), 3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is to be done in this case, by whom, and who is told what in which order.

    `modules` are names of playbook modules that the case calls for; they are offered, not added.
    """

    case: str
    judged: TypeJudgement
    playbook: Playbook
    modules: tuple[str, ...]
    analysis: Analysis
    coverage: Coverage
    law: Law
    principles: tuple[PrincipleShare, ...]

    @property
    def audiences(self) -> tuple[AudiencePlan, ...]:
        return self.analysis.audiences


def plan(
    case: Case,
    judged: TypeJudgement,
    content: PlanContent,
    *,
    on: date,
    voices: Iterable[Voice] = (),
    told: Collection[tuple[str, str]] = (),
) -> Plan:
    """The plan of a case. `on` is the day the legal reminders are read for; `voices` are complaints and responses."""
    analysis = analyse(case, judged, content.audiences, voices=voices)
    matrix = coverage(analysis.audiences, case.org.regions, told=told)
    return Plan(
        case=case.id,
        judged=judged,
        playbook=content.playbooks.start(judged.primary, judged.credit_kind),
        modules=offered(content.playbooks.modules, analysis.seen),
        analysis=analysis,
        coverage=matrix,
        law=law(case, analysis.seen, content.legal, on=on),
        principles=principles(case, analysis, matrix, content.principles),
    )


def offered(modules: Mapping[str, Playbook], seen: Seen) -> tuple[str, ...]:
    """The modules whose signals all hold."""
    return tuple(name for name, book in modules.items() if book.offer_when and all(map(seen.holds, book.offer_when)))


def principles(
    case: Case, analysis: Analysis, matrix: Coverage, content: PrincipleContent
) -> tuple[PrincipleShare, ...]:
    """Where the response stands: four means of named rows. Source of the proxies: domain research part 3.12."""
    audiences = analysis.audiences
    age = age_of(case)
    own = _first_own_word(case, content)
    first = min((mention.hours for mention in case.mentions), default=0.0)
    in_time = _share(sum(item.deadline_hours >= age for item in audiences), len(audiences))
    answered = _share(sum(len(item.questions) >= 3 for item in audiences), len(audiences))
    parts = {
        "candor": (("verified", _verified(case)), ("unknown_said", 1.0)),
        "speed": (("first_word", _quick(own, first)), ("in_time", in_time)),
        "proactivity": (
            ("self_disclosed", 1.0 if own is not None and own <= first else 0.0),
            ("order_kept", _order_kept(audiences)),
        ),
        "completeness": (("covered", matrix.share), ("questions", answered)),
    }
    return tuple(
        PrincipleShare(
            principle=name,
            rows=tuple(ShareRow(code=code, share=round(share, 3), text=getattr(content, code)) for code, share in rows),
        )
        for name, rows in parts.items()
    )


def _verified(case: Case) -> float:
    return _share(sum(fact.status == "confirmed" for fact in case.facts), len(case.facts), nothing=0.0)


def _share(part: int, whole: int, *, nothing: float = 1.0) -> float:
    return part / whole if whole else nothing


def _quick(own: float | None, first: float) -> float:
    """1 within the hour, falling to 0 at a day. Source of the steps: M02 of the domain research (1 h, 4 h, 24 h)."""
    if own is None:
        return 0.0
    lag = own - first
    return 1.0 if lag <= 1 else 0.7 if lag <= 4 else 0.3 if lag <= 24 else 0.0


def _first_own_word(case: Case, content: PrincipleContent) -> float | None:
    """When the organisation first spoke: an official mention whose outlet is itself."""
    names = [fold(name).text for name in case.org.names]
    words = pattern(content.own_words.zh + content.own_words.en)
    for mention in sorted(case.mentions, key=lambda mention: mention.hours):
        if mention.kind is not OutletKind.OFFICIAL:
            continue
        outlet = fold(mention.outlet).text
        if any(name in outlet for name in names) or (words is not None and words.search(outlet)):
            return mention.hours
    return None


def _order_kept(audiences: tuple[AudiencePlan, ...]) -> float:
    places = {item.audience: item.order for item in audiences}
    press = places.get("media", len(places) + 1)
    wanted = [places["victims"] == 1] if "victims" in places else []
    wanted += [places[name] < press for name in ("employees", "regulators", "government") if name in places]
    return _share(sum(wanted), len(wanted))
