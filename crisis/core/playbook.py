"""A playbook: what is done, by whom, until when, and what must be true before it counts as done.

Content (playbooks/*.yaml) gives the common core, one typed part per crisis type and modules. `combine` makes the one
playbook an incident starts with; the incident keeps its own copy (`as_record`, `playbook_of`), so that an edited file
never changes a running response. `swap` exchanges the typed part when the type changes and keeps what was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar

from crisis.core.case import CreditKind, CrisisType
from crisis.core.drafting import Kind
from crisis.core.text import Text
from crisis.errors import Invalid


class Phase(StrEnum):
    """When a step belongs, in this order."""

    HOUR_1 = "1h"
    HOUR_4 = "4h"
    HOUR_24 = "24h"
    HOUR_72 = "72h"
    RECOVERY = "recovery"
    LEARNING = "learning"
    CLOSE = "close"


class Role(StrEnum):
    """Who owns a step. The names in both languages lie in playbooks/roles.yaml."""

    IC = "IC"
    PR = "PR"
    SPK = "SPK"
    FACT = "FACT"
    CARE = "CARE"
    LEG = "LEG"
    OPS = "OPS"
    HR = "HR"
    SALES = "SALES"
    IR = "IR"
    GOV = "GOV"
    DIG = "DIG"
    EXEC = "EXEC"
    SCRIBE = "SCRIBE"


class Principle(StrEnum):
    """Which of the four principles a step serves first."""

    CANDOR = "candor"
    SPEED = "speed"
    PROACTIVITY = "proactivity"
    COMPLETENESS = "completeness"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fulfilment:
    """Which releases are the work of a step: a text of one of these kinds that went to one of these audiences."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    kinds: tuple[Kind, ...]
    audiences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing to do.

    `due_hours` counts from the first public signal or first internal knowledge, whichever is earlier; None when the
    date comes from a rule, which `due_note` then states. `gate` must be true before the step counts as done; a hard
    gate (`gate_hard`) can be passed only by the incident lead with a logged reason. `refines` names the core step
    that this one sharpens. `credit_kind` limits a step to one kind of credit crisis. `with_role` shares the step.
    `fulfilled_by` names the releases that may be given as its evidence; they are offered, and a person says done.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    phase: Phase
    title: Text
    owner: Role
    output: Text
    principle: Principle
    due_hours: float | None = None
    due_note: Text | None = None
    gate: Text | None = None
    gate_hard: bool = False
    with_role: Role | None = None
    refines: str = ""
    credit_kind: CreditKind | None = None
    fulfilled_by: Fulfilment | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Playbook:
    """A set of steps. `id` is `core`, a crisis type, `module.<name>`, or `core+linear...` for a combined one.

    `offer_when` are signals of a case (playbooks/audience_rules.yaml); when all hold, a module is offered.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    version: int
    title: Text
    aim: Text
    steps: tuple[Step, ...]
    offer_when: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaybookShelf:
    """All playbooks: core, one per type, modules by their short name (`recall`), names of roles."""

    core: Playbook
    typed: Mapping[CrisisType, Playbook]
    modules: Mapping[str, Playbook]
    roles: Mapping[Role, Text]

    def start(
        self, primary: CrisisType, credit_kind: CreditKind | None = None, modules: Iterable[str] = ()
    ) -> Playbook:
        """The playbook that an incident of this type starts with. Raises KeyError for an unknown module."""
        kind = credit_kind if primary is CrisisType.CREDIT else None
        return combine(self.core, self.typed[primary], kind, tuple(self.modules[name] for name in modules))


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """A step of a running incident with its done mark."""

    step: Step
    done: bool = False


def combine(
    core: Playbook,
    typed: Playbook,
    credit_kind: CreditKind | None = None,
    modules: Iterable[Playbook] = (),
) -> Playbook:
    """One playbook: core, then the typed part, then modules, ordered by phase and due time.

    Steps limited to another credit kind are left out; when the kind is not known yet, all of them stay.
    Raises Invalid when two parts use the same step id.
    """
    parts = (core, typed, *modules)
    steps: list[Step] = []
    seen: set[str] = set()
    for part in parts:
        for step in part.steps:
            if step.credit_kind is not None and credit_kind is not None and step.credit_kind is not credit_kind:
                continue
            if step.id in seen:
                raise Invalid("steps", "step_twice", step=step.id, playbook=part.id)
            seen.add(step.id)
            steps.append(step)
    name = "+".join(part.id for part in parts)
    if credit_kind is not None:
        name = name.replace(typed.id, f"{typed.id}.{credit_kind}", 1)
    return Playbook(
        id=name,
        version=max(part.version for part in parts),
        title=typed.title,
        aim=typed.aim,
        steps=tuple(sorted(steps, key=_when)),
    )


def swap(current: Iterable[Progress], new: Playbook) -> tuple[Progress, ...]:
    """The steps of `new`, keeping what was done.

    A step that both have keeps its done mark and the wording it was done under. A finished step that `new` does not
    have stays; an unfinished one goes.
    """
    before = {progress.step.id: progress for progress in current}
    after: list[Progress] = []
    for step in new.steps:
        old = before.pop(step.id, None)
        after.append(old if old is not None and old.done else Progress(step=step))
    after.extend(progress for progress in before.values() if progress.done)
    return tuple(sorted(after, key=lambda progress: _when(progress.step)))


def add_module(book: Playbook, module: Playbook) -> Playbook:
    """A running playbook with the steps of a module added; steps already there stay as they are."""
    have = {step.id for step in book.steps}
    steps = book.steps + tuple(step for step in module.steps if step.id not in have)
    return replace(book, id=f"{book.id}+{module.id}", steps=tuple(sorted(steps, key=_when)))


def as_record(book: Playbook) -> dict[str, Any]:
    """A playbook as plain JSON values; `playbook_of` reads it back."""
    return {
        "id": book.id,
        "version": book.version,
        "title": _both(book.title),
        "aim": _both(book.aim),
        "offer_when": list(book.offer_when),
        "steps": [step_record(step) for step in book.steps],
    }


def step_record(step: Step) -> dict[str, Any]:
    """A step as plain JSON values."""
    return {
        "id": step.id,
        "phase": str(step.phase),
        "title": _both(step.title),
        "owner": str(step.owner),
        "with_role": None if step.with_role is None else str(step.with_role),
        "due_hours": step.due_hours,
        "due_note": None if step.due_note is None else _both(step.due_note),
        "gate": None if step.gate is None else _both(step.gate),
        "gate_hard": step.gate_hard,
        "output": _both(step.output),
        "principle": str(step.principle),
        "refines": step.refines,
        "credit_kind": None if step.credit_kind is None else str(step.credit_kind),
        "fulfilled_by": None if step.fulfilled_by is None else _fulfilment_record(step.fulfilled_by),
    }


def step_of(record: Mapping[str, Any]) -> Step:
    """The step of a record made by `step_record`."""
    role = record.get("with_role")
    kind = record.get("credit_kind")
    # Incidents that began before there was such a thing have copies without it.
    fulfilled = record.get("fulfilled_by")
    return Step(
        id=record["id"],
        phase=Phase(record["phase"]),
        title=_text(record["title"]),
        owner=Role(record["owner"]),
        with_role=None if role is None else Role(role),
        due_hours=record.get("due_hours"),
        due_note=None if record.get("due_note") is None else _text(record["due_note"]),
        gate=None if record.get("gate") is None else _text(record["gate"]),
        gate_hard=bool(record.get("gate_hard", False)),
        output=_text(record["output"]),
        principle=Principle(record["principle"]),
        refines=record.get("refines", ""),
        credit_kind=None if kind is None else CreditKind(kind),
        fulfilled_by=None if fulfilled is None else _fulfilment_of(fulfilled),
    )


def playbook_of(record: Mapping[str, Any]) -> Playbook:
    """The playbook of a record made by `as_record`."""
    return Playbook(
        id=record["id"],
        version=record["version"],
        title=_text(record["title"]),
        aim=_text(record["aim"]),
        offer_when=tuple(record.get("offer_when", ())),
        steps=tuple(step_of(step) for step in record["steps"]),
    )


_PHASES = {phase: place for place, phase in enumerate(Phase)}


def _when(step: Step) -> tuple[int, float]:
    # A step without an hour is due by a rule: it stands at the end of its phase, where nobody reads it as "late".
    return _PHASES[step.phase], float("inf") if step.due_hours is None else step.due_hours


def _fulfilment_record(asked: Fulfilment) -> dict[str, list[str]]:
    return {"kinds": [str(kind) for kind in asked.kinds], "audiences": list(asked.audiences)}


def _fulfilment_of(record: Mapping[str, Any]) -> Fulfilment:
    return Fulfilment(kinds=tuple(Kind(kind) for kind in record["kinds"]), audiences=tuple(record["audiences"]))


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _text(record: Mapping[str, str]) -> Text:
    return Text(zh=record["zh"], en=record["en"])
