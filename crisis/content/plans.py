"""All content of a plan in one value, read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from crisis.content.audiences import load_audiences
from crisis.content.legal import load_legal
from crisis.content.playbooks import load_playbooks
from crisis.content.roots import stacked
from crisis.content.statements import card_problems, load_statements
from crisis.content.yamlfile import load
from crisis.core.plan import PlanContent, PrincipleContent
from crisis.errors import ContentInvalid


@lru_cache(maxsize=4)
def load_plan_content(home: Path | None = None) -> PlanContent:
    """Playbooks, audiences, reminders and principles. Raises ContentInvalid with every problem."""
    audiences = load_audiences(home)
    shelf = load_statements(home)
    problems = [problem for card in audiences.cards.values() for problem in card_problems(card, shelf)]
    playbooks = load_playbooks(home)
    signals = {signal.id for signal in audiences.needs.signals}
    problems += [
        f"modules/{name}.yaml:1: offer_when: unknown signal {signal}"
        for name, book in playbooks.modules.items()
        for signal in book.offer_when
        if signal not in signals
    ]
    legal = load_legal(home)
    asked = {signal.id for signal in legal.signals}
    problems += [f"legal/signals.yaml:1: {name} is a signal of the audiences" for name in sorted(asked & signals)]
    problems += [
        f"legal/{item.jurisdiction.lower()}.yaml:1: {item.id}: unknown signal {signal}"
        for item in legal.reminders
        for signal in item.when
        if signal.removeprefix("not ") not in signals | asked
    ]
    if problems:
        raise ContentInvalid(tuple(problems))
    files = [folder / "principles.yaml" for folder in stacked("playbooks", home)]
    principles: PrincipleContent = load([file for file in files if file.is_file()][-1], PrincipleContent)
    return PlanContent(playbooks=playbooks, audiences=audiences, legal=legal, principles=principles)
