"""Audience cards and the rules around them from the shelf: read, compared, ready for `crisis.core.audience.analyse`.

Cards lie in playbooks/audiences/, the rules in audience_rules.yaml, telling_order.yaml, feelings.yaml and
values.yaml beside them. A file of the same name in `$CRISIS_HOME/playbooks` replaces the built-in one.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from crisis.content.roots import stacked
from crisis.content.yamlfile import load
from crisis.core.audience import AUDIENCES, AudienceCard, AudienceContent, TellingOrder
from crisis.core.case import CrisisType
from crisis.core.feeling import FeelingWords
from crisis.core.need import NeedRules
from crisis.core.text import Text
from crisis.errors import ContentInvalid

Value = TypeVar("Value")


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
    needs = _single("audience_rules.yaml", NeedRules, home, problems)
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
    if problems:
        raise ContentInvalid(tuple(problems))
    return AudienceContent(cards=cards, needs=needs, order=order, feelings=feelings, values=values)


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
    problems = []
    signals = {signal.id for signal in needs.signals}
    for name in AUDIENCES:
        if name not in needs.audiences:
            problems.append(f"playbooks/audience_rules.yaml:1: no rule for {name}")
    for name, rule in needs.audiences.items():
        for points in rule.points:
            for condition in points.when:
                plain = condition.removeprefix("not ").removesuffix("+")
                if plain not in signals and plain not in order.conditions:
                    problems.append(f"playbooks/audience_rules.yaml:1: {name}: unknown condition {condition}")
    for kind in CrisisType:
        missing = set(AUDIENCES) - set(order.order.get(kind, ()))
        if missing:
            problems.append(f"playbooks/telling_order.yaml:1: order.{kind} lacks {', '.join(sorted(missing))}")
    return problems
