"""`make fit-plan`: what labelled cases add to the audiences' reviewed points, into playbooks/audience_points.yaml.

    CRISIS_DATA=folder python tests/eval/fit_plan.py [--write]

For each audience logistic regression on the signals of a case around the reviewed sum: maximum a posteriori, the prior
holds each move at 0. One more amount is how much the case reads like cases of other hands in which this audience had
to be told (labelled_cases.py). What only one reader names is not learnt. Whoever must be told is told from a share of
FROM on: to miss somebody costs more than to call on somebody who could have waited.

Prints recall and precision with each hand left out, and of the development cases in ten parts besides. Only points are
written; no text of a case can be read back from them. `make fit` writes the likeness, so it runs first.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from labelled_cases import LABELS, Labelled, developed, likeness_apart, own_cases  # the cases lie beside this file

from crisis.content.audiences import MOVES, load_audiences
from crisis.content.classifier import rules as load_rules
from crisis.content.roots import builtin
from crisis.content.yamlfile import load
from crisis.core.audience import AUDIENCES
from crisis.core.case import CreditKind, CrisisType, Severity
from crisis.core.classify import Rules, classify
from crisis.core.classify.likeness import HAD_TO_TELL
from crisis.core.need import GOODS_NAMED, NeedRules, Seen, look, weigh
from tests.eval.likeness import logistic

Array = Any  # numpy arrays are not typed here: the script is outside of the product

FROM = 0.18  # told when at least so probable
STIFF = 6.0  # how firmly each move is held at 0
STIFF_BASE, STIFF_ALIKE = 0.05, 0.03
SMALLEST = 0.2  # smaller moves are left out, and the rest fitted again: a row nobody can feel explains nothing
PARTS = 10


@dataclass(frozen=True)
class Tables:
    """cases x conditions, cases x audiences (reviewed sum; likeness; 1 told, 0 not, nan one reader only)."""

    seen: Array
    reviewed: Array
    alike: Array
    told: Array

    def of(self, rows: Array) -> Tables:
        return Tables(self.seen[rows], self.reviewed[rows], self.alike[rows], self.told[rows])


def conditions(rules: NeedRules) -> list[str]:
    """Every condition that a row may have alone, in the order of the reviewed content."""
    names = [name for signal in rules.signals for name in (signal.id, f"{signal.id}+")]
    names += [f"type.{kind}" for kind in CrisisType] + [f"also.{kind}" for kind in CrisisType]
    names += [f"credit.{kind}" for kind in CreditKind] + [f"severity.{level}" for level in Severity]
    return [*names, "org.peers", "org.suppliers", GOODS_NAMED]


def tables_of(cases: Sequence[Labelled], rules: NeedRules, judge: Rules) -> Tables:
    """What is known of cases; each is judged by the classifier as it stands."""
    seen: list[Seen] = [look(item.case, classify(item.case, judge), rules) for item in cases]
    (alike,) = likeness_apart(cases, (None,))
    columns = [LABELS.index(HAD_TO_TELL + name) for name in AUDIENCES]
    names = conditions(rules)
    return Tables(
        seen=np.array([[float(one.holds(name)) for name in names] for one in seen]),
        reviewed=np.array([[weigh(name, rules.audiences[name], one).total for name in AUDIENCES] for one in seen]),
        alike=alike[:, columns],
        told=np.array([[_told(item, name) for name in AUDIENCES] for item in cases]),
    )


def _told(item: Labelled, audience: str) -> float:
    return 1.0 if audience in item.must else math.nan if audience in item.may else 0.0


def learn(tables: Tables) -> Array:
    """audiences x (base, likeness, conditions): rounded moves; the base holds the gate, so that 0 is the border."""
    found = np.zeros((len(AUDIENCES), 2 + tables.seen.shape[1]))
    for place in range(len(AUDIENCES)):
        known = ~np.isnan(tables.told[:, place])
        amounts = np.hstack([np.ones((known.sum(), 1)), tables.alike[known][:, [place]], tables.seen[known]])
        answers, offset = tables.told[known, place], tables.reviewed[known, place]
        stiff = np.array([STIFF_BASE, STIFF_ALIKE] + [STIFF] * tables.seen.shape[1])
        kept = np.abs(logistic(amounts, answers, stiff, offset)) >= SMALLEST
        kept[:2] = True
        row = np.zeros(amounts.shape[1])
        row[kept] = logistic(amounts[:, kept], answers, stiff[kept], offset)
        row[2:] = np.round(row[2:], 1)
        # What rounding moved is taken up by the base.
        row[:1] = logistic(amounts[:, :1], answers, stiff[:1], offset + amounts[:, 1:] @ row[1:])
        found[place] = row
    found[:, 0] -= math.log(FROM / (1 - FROM))
    return np.round(found, 2)


def sums(tables: Tables, moves: Array) -> Array:
    """cases x audiences: told from 0 on."""
    return tables.reviewed + moves[:, 0] + tables.alike * moves[:, 1] + tables.seen @ moves[:, 2:].T


def figures(total: Array, told: Array) -> str:
    found, right = total >= 0, told == 1
    hit = (found & right).sum()
    return f"recall {hit / right.sum():.3f}  precision {hit / (found & ~np.isnan(told)).sum():.3f}"


def main() -> None:
    data = os.environ.get("CRISIS_DATA")
    if not data:
        print("fit-plan: skipped, for CRISIS_DATA does not name a data folder")  # noqa: T201
        return
    folder = builtin("playbooks")
    rules: NeedRules = load(folder / "audience_rules.yaml", NeedRules)
    cases = [item for item in developed(Path(data)) + own_cases() if item.must]
    tables = tables_of(cases, rules, load_rules())
    hands = np.array([item.hand for item in cases])
    several = np.array([item.agree >= 2 for item in cases])
    part = np.random.default_rng(1).integers(0, PARTS, len(cases))
    for name, groups in (("each hand left out", hands), (f"in {PARTS} parts", part)):
        apart = np.zeros_like(tables.told)
        for group in sorted(set(groups.tolist())):
            apart[groups == group] = sums(tables.of(groups == group), learn(tables.of(groups != group)))
        for title, rows in (("development", hands == "development"), ("several readers", several), *_own(hands)):
            before = figures(tables.reviewed[rows], tables.told[rows])
            print(  # noqa: T201
                f"{name}, {title} ({rows.sum()}): {figures(apart[rows], tables.told[rows])}; reviewed alone {before}"
            )
    if "--write" in sys.argv:
        version = version_of(folder / MOVES) + 1
        (folder / MOVES).write_text(written(learn(tables), conditions(rules), version), encoding="utf-8")
        load_audiences.cache_clear()
        load_audiences()
        print(f"written: version {version}")  # noqa: T201


def _own(hands: Array) -> list[tuple[str, Array]]:
    names = sorted(set(hands.tolist()) - {"development"})
    return [("our own", hands != "development"), *((f"hand {name}", hands == name) for name in names)]


def version_of(file: Path) -> int:
    return int(yaml.safe_load(file.read_text(encoding="utf-8"))["version"]) if file.is_file() else 0


def written(moves: Array, names: Sequence[str], version: int) -> str:
    """audience_points.yaml."""
    audiences = {}
    for audience, row in zip(AUDIENCES, moves.tolist(), strict=True):
        points = [
            {"when": [name], "points": round(value, 1)} for name, value in zip(names, row[2:], strict=True) if value
        ]
        audiences[audience] = {"base": round(row[0], 2), "alike": round(row[1], 2), "points": points}
    head = (
        "# What labelled cases add to the points of audience_rules.yaml, written by `make fit-plan`: do not edit.\n"
        "# alike: points for reading like cases in which they had to be told by 1; it is seldom above .5.\n"
    )
    return head + yaml.safe_dump(
        {"version": version, "audiences": audiences}, sort_keys=False, default_flow_style=None, width=120
    )


if __name__ == "__main__":
    main()
