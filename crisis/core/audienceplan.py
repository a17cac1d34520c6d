"""One audience of one incident, as it was planned and then changed by people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crisis.core.need import READS_ALIKE
from crisis.core.text import Text, mark_of

QUESTIONS = ("who", "know", "feel", "motivate")
ANSWERS = (*QUESTIONS, "spokesperson")


@dataclass(frozen=True, kw_only=True)
class AudienceEntry:
    """One row of the audience plan, in telling order (`position` from 1).

    `who`, `know`, `feel`, `motivate` answer the four questions; a blank one is visible and blocks approval
    of texts for this audience. `stance` now and `target` -2..+2. `left_out` says why it need not be told;
    `told_at` is the first contact. `details` keeps values, do, don't, questions and sources as planned; under
    `suggested` what a later plan says where an answer was left as people had it.
    """

    id: int = 0
    incident_id: int
    audience: str
    position: int
    who: str = ""
    know: str = ""
    feel: str = ""
    motivate: str = ""
    stance: float = 0.0
    target: float = 0.0
    channels: tuple[str, ...] = ()
    spokesperson: str = ""
    due_at: datetime | None = None
    told_at: datetime | None = None
    reason: Text
    details: Mapping[str, Any]
    left_out: bool = False
    version: int = 1

    @property
    def blanks(self) -> tuple[str, ...]:
        """The questions that nobody has answered."""
        return tuple(name for name in QUESTIONS if not getattr(self, name).strip())

    def answer(self, name: str, lang: str) -> str:
        """An answer (or the spokesperson) in a language. What a person has written stands as it was written; what
        is still as planned is known in both languages."""
        written = str(getattr(self, name))
        planned = self.details.get(_planned(name))
        if isinstance(planned, Mapping) and written in planned.values():
            return str(planned.get(lang, written))
        return written

    def ways(self, lang: str) -> tuple[str, ...]:
        """The channels in a language, as far as they are still those of the plan."""
        planned = self.details.get("channels") or ()
        texts = [item for item in planned if isinstance(item, Mapping)]
        if any(tuple(item.get(code, "") for item in texts) == self.channels for code in ("zh", "en")):
            return tuple(str(item.get(lang, "")) for item in texts)
        return self.channels

    def because(self, lang: str) -> str:
        """Why they are told, as far as it was seen or a person has said it."""
        seen = [reason["text"][lang] for reason in self._reasons if reason["code"] != READS_ALIKE]
        return ("；" if lang == "zh" else "; ").join(seen) or self.reason[lang]

    def guess(self, lang: str) -> str:
        """The cases that this one reads like and in which they had to be told; empty where nothing is guessed."""
        return "".join(reason["text"][lang] for reason in self._reasons if reason["code"] == READS_ALIKE)

    @property
    def _reasons(self) -> tuple[Mapping[str, Any], ...]:
        """The reasons of the plan one by one; none where a person has said why."""
        return tuple(self.details.get("reasons") or ())

    def says_same(self, name: str, text: str) -> bool:
        """Whether a text is what stands there, in whichever language it was shown."""
        return text in (self.answer(name, "zh"), self.answer(name, "en"), getattr(self, name))

    @property
    def mark(self) -> str:
        """A short mark of its answers: another one stands for other words, whatever else has changed."""
        return mark_of(*(getattr(self, name) for name in ANSWERS))

    @property
    def is_as_planned(self) -> bool:
        """Whether it was planned, nobody has been told, and every answer is still the plan's."""
        return self.told_at is None and all(self._is_planned(name) for name in ANSWERS)

    def suggestion(self, name: str, lang: str) -> str:
        """What the plan says now to a question where the answer was left as people had it; else empty."""
        suggested = self.details.get("suggested") or {}
        return str((suggested.get(name) or {}).get(lang, ""))

    def replanned(self, plan: AudienceEntry) -> AudienceEntry:
        """This entry under a new plan. As long as it is as planned (or was left out) it becomes the plan; else its
        answers stay, and what the plan says otherwise is kept as a suggestion. A stance that was heard stays."""
        heard = self.stance != self.details.get("stance", self.stance)
        moved = replace(plan, id=self.id, version=self.version, stance=self.stance if heard else plan.stance)
        if self.told_at is None and (self.left_out or self.is_as_planned):
            return moved
        names = {name: _planned(name) for name in ANSWERS}
        before = {key: self.details[key] for key in names.values() if key in self.details}
        suggested = {
            name: plan.details[key]
            for name, key in names.items()
            if key in plan.details and getattr(self, name) not in plan.details[key].values()
        }
        return replace(
            moved,
            who=self.who,
            know=self.know,
            feel=self.feel,
            motivate=self.motivate,
            spokesperson=self.spokesperson,
            told_at=self.told_at,
            due_at=self.due_at,
            details={**plan.details, **before, "suggested": suggested},
        )

    def _is_planned(self, name: str) -> bool:
        planned = self.details.get(_planned(name))
        return isinstance(planned, Mapping) and getattr(self, name) in planned.values()


def _planned(name: str) -> str:
    """The name of an answer among the details of the plan."""
    return "know_or_need" if name == "know" else name
