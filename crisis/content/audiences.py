"""Audience cards and the rules around them from the shelf: read, compared, ready for `crisis.core.audience.analyse`.

Cards lie in playbooks/audiences/, the rules in audience_rules.yaml, telling_order.yaml, feelings.yaml and
values.yaml beside them. A file of the same name in `$CRISIS_HOME/playbooks` replaces the built-in one.
What labelled cases add to the reviewed points lies in audience_points.yaml (`make fit-plan` writes it) and speaks of
the rules beside it only: an organisation that sets its own points gets those and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from crisis.content.likecases import load_cases
from crisis.content.roots import stacked
from crisis.content.yamlfile import load
from crisis.core.audience import AUDIENCES, AudienceCard, AudienceContent, TellingOrder
from crisis.core.case import CrisisType
from crisis.core.feeling import FeelingWords
from crisis.core.need import NeedMoves, NeedRule, NeedRules
from crisis.core.text import Text
from crisis.errors import ContentInvalid

Value = TypeVar("Value")

RULES, MOVES = "audience_rules.yaml", "audience_points.yaml"


@lru_cache(maxsize=4)
def load_audiences(home: Path | None = None) -> AudienceContent:
    """The content of the audience analysis. Raises ContentInvalid with every problem as `file:line: what`."""
    problems: list[str] = []
    cards: dict[str, AudienceCard] = {}
    for folder in stacked("playbooks", home):
        for file in sorted((folder / "audiences").glob("*.yaml")):
            card = _load(file, AudienceCard, problems)
            if card is not None:
                problems.extend(f"audiences/{file.name}:1: {what}" for what in _wrong(card, file.stem))
                cards[file.stem] = card
    needs = _single(RULES, NeedRules, home, problems)
    moves = _moves(home, problems)
    order = _single("telling_order.yaml", TellingOrder, home, problems)
    feelings = _single("feelings.yaml", FeelingWords, home, problems)
    values: dict[str, Text] | None = _single("values.yaml", dict[str, Text], home, problems)
    problems += [f"audiences/{name}.yaml:1: missing" for name in AUDIENCES if name not in cards]
    if needs is None or order is None or feelings is None or values is None:
        raise ContentInvalid(tuple(problems))
    for card in cards.values():
        for code in (*card.values.material, *card.values.inner):
            if code not in values:
                problems.append(f"audiences/{card.id}.yaml:1: values.yaml does not know {code}")
    problems += _wrong_rules(needs, order)
    problems += _wrong_conditions(MOVES, moves.audiences, needs, order)
    problems += [f"playbooks/{MOVES}:1: no such audience: {name}" for name in moves.audiences if name not in AUDIENCES]
    if problems:
        raise ContentInvalid(tuple(problems))
    return AudienceContent(
        cards=cards,
        needs=replace(
            needs,
            audiences={
                name: rule.moved(moves.audiences[name]) if name in moves.audiences else rule
                for name, rule in needs.audiences.items()
            },
        ),
        order=order,
        feelings=feelings,
        values=values,
        reader=load_cases(),
    )


def _moves(home: Path | None, problems: list[str]) -> NeedMoves:
    """What labelled cases add to the points of the rules beside it."""
    folders = [folder for folder in stacked("playbooks", home) if (folder / RULES).is_file()]
    none = NeedMoves(version=0, audiences={})
    if not folders or not (folders[-1] / MOVES).is_file():
        return none
    return _load(folders[-1] / MOVES, NeedMoves, problems) or none


def _load(file: Path, shape: Any, problems: list[str]) -> Any:
    try:
        return load(file, shape)
    except ContentInvalid as invalid:
        problems.extend(invalid.problems)
        return None


def _single(name: str, shape: Any, home: Path | None, problems: list[str]) -> Any:
    found = [folder / name for folder in stacked("playbooks", home) if (folder / name).is_file()]
    if not found:
        problems.append(f"playbooks/{name}:1: missing")
        return None
    return _load(found[-1], shape, problems)


def _wrong(card: AudienceCard, name: str) -> list[str]:
    wrong = []
    if card.id != name:
        wrong.append(f"id must be {name}")
    for kind in CrisisType:
        if kind not in card.types:
            wrong.append(f"types.{kind} is missing")
        if kind not in card.deadline_hours:
            wrong.append(f"deadline_hours.{kind} is missing")
        if kind not in card.stance_now:
            wrong.append(f"stance_now.{kind} is missing")
    if len(card.questions) < 2:
        wrong.append("two common questions are needed beside the one of the type")
    texts = [card.name, card.spokesperson, *card.do, *card.dont, *card.channels.china, *card.channels.international]
    for typed in card.types.values():
        texts += [typed.who, typed.know_or_need, typed.feel, typed.motivate, typed.ask, typed.answer]
    for question in card.questions:
        texts += [question.ask, question.answer]
    if any(not (text.zh.strip() and text.en.strip()) for text in texts):
        wrong.append("a text is not written in both languages")
    return wrong


def _wrong_rules(needs: NeedRules, order: TellingOrder) -> list[str]:
    problems = [f"playbooks/{RULES}:1: no rule for {name}" for name in AUDIENCES if name not in needs.audiences]
    problems += _wrong_conditions(RULES, needs.audiences, needs, order)
    for kind in CrisisType:
        missing = set(AUDIENCES) - set(order.order.get(kind, ()))
        if missing:
            problems.append(f"playbooks/telling_order.yaml:1: order.{kind} lacks {', '.join(sorted(missing))}")
    known = {signal.id for signal in needs.signals}
    problems += [
        f"playbooks/telling_order.yaml:1: signs.{name}: unknown signal {sign}"
        for name, signs in order.signs.items()
        for sign in signs
        if sign not in known
    ]
    return problems


def _wrong_conditions(file: str, audiences: Mapping[str, NeedRule], needs: NeedRules, order: TellingOrder) -> list[str]:
    known = {signal.id for signal in needs.signals} | set(order.conditions)
    return [
        f"playbooks/{file}:1: {name}: unknown condition {condition}"
        for name, rule in audiences.items()
        for points in rule.points
        for condition in points.when
        if condition.removeprefix("not ").removesuffix("+") not in known
    ]
