"""`make fit`: the points of each concept, fitted on labelled cases, into playbooks/classifier/weights.yaml.

    CRISIS_DATA=folder python tests/eval/fit.py

Maximum a posteriori: a reviewer's points (`leans`, `kind`, `severe` in the concept files) are the centre of
a normal prior, and the cases move them. Few cases and many concepts: so the prior stays strong, and a
concept that no case shows keeps the reviewer's points. Each case is learnt three times: whole, after two
and after four mentions, so that the first hour is learnt too. Only these points are written; no text of
a case can be read back from them.

What a case reads like (labelled_cases.py) stands beside its words: for our own cases beside cases of other hands.
Openings teach the first hour only.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from labelled_cases import (  # the cases lie beside this file
    NAMES,
    Labelled,
    cut_to,
    developed,
    likeness_apart,
    own_cases,
    own_openings,
)
from labelled_cases import write as write_likeness

from crisis.content.classifier import unfitted_from
from crisis.content.roots import builtin
from crisis.core.case import Case, CreditKind, CrisisType, Severity
from crisis.core.classify.classification import totals
from crisis.core.classify.likeness import LEAST_LIKE, READS_LIKE
from crisis.core.classify.rules import Rules, Weights, Where
from crisis.core.classify.sightings import Sighting, sightings
from monitors.folding import fold

Array = Any  # numpy arrays are not typed here: the script is outside of the product

TYPES, KINDS, SEVERITIES = tuple(CrisisType), tuple(CreditKind), tuple(Severity)
CUTS = ((None, 1.0), (2, 0.5), (4, 0.5), (1, 0.0))  # (first mentions, weight in the fit)
# From so many mentions on the temperature of a cut applies (its place in CUTS).
FROM = ((0, 3), (2, 1), (3, 2), (5, 0))
PRIOR = {"types": 0.7, "kinds": 0.6, "severity": 0.6}  # scale of the reviewer's points
STIFF = {"types": 10.0, "kinds": 8.0, "severity": 45.0}  # how firmly they are held
# A reviewer's points toward "severe" for being surely of a type.
SEVERE_TYPES = {"linear": 0.0, "media": -0.6, "matrix": 0.6, "credit": 0.4, "chain": -0.5}
WARM = 1.2  # temperature under which sums of points become the shares that severity looks at
OWN_WEIGHT = 1.0  # how much one of our own cases counts beside a development case
OPENING_WEIGHT = 1.0  # how much an opening counts beside a whole development case
# The kinds of credit of later hands count for this much (labelled_cases.py says why).
LATER_KINDS = 0.5
SMALLEST = 0.08  # fitted points below this are left out: a row nobody can feel explains nothing


def table(
    seen: Sequence[Sequence[tuple[Sighting, str]]], likeness: Array, rules: Rules, without: Container[str] = ()
) -> Array:
    """cases x concepts: how much of each concept a case says, not counting the words `without`.

    `likeness`: cases x NAMES, what the cases read like.
    """
    column = {concept.id: place for place, concept in enumerate(rules.concepts)}
    amounts = np.zeros((len(seen), len(column)))
    for place, name in enumerate(NAMES):
        for concept in rules.dynamic(READS_LIKE + name):
            amounts[:, column[concept.id]] = np.where(likeness[:, place] >= LEAST_LIKE, likeness[:, place], 0.0)
    for row, found in enumerate(seen):
        for name, amount in totals([sighting for sighting, word in found if not word or word not in without]).items():
            amounts[row, column[name]] = amount
    return amounts


def seen_in(case: Case, rules: Rules) -> list[tuple[Sighting, str]]:
    """The sightings of a case, each with its folded word; "" where it does not rest on one word of a list."""
    found = []
    for sighting in sightings(case, rules):
        concept, word = rules.by_id[sighting.concept], ""
        if sighting.span and not (concept.dynamic or concept.where is Where.OUTLET):
            text = case.facts[sighting.fact].claim if sighting.fact is not None else ""
            text = case.mentions[sighting.mention].text if sighting.mention is not None else text
            word = fold(text[slice(*sighting.span)]).text
        found.append((sighting, word))
    return found


def lone_words(seen: Sequence[Sequence[tuple[Sighting, str]]]) -> frozenset[str]:
    """Words that a single case says: they may have been listed because of it, so they vouch for nothing."""
    cases_of = Counter(word for found in seen for word in {word for _, word in found})
    return frozenset(word for word, count in cases_of.items() if word and count == 1)


def speaking(rules: Rules, what: str) -> Array:
    """Which concepts (booleans) speak for types, kinds or severity."""
    only = [
        "kinds" if concept.kind_only else "severity" if concept.severity_only else what for concept in rules.concepts
    ]
    return np.array([one == what for one in only])


def softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def fit_choice(amounts: Array, answers: Array, weights: Array, centre: Array, stiff: float, steps: int = 300) -> Array:
    """classes x concepts points: multinomial logistic regression with a normal prior around `centre`.

    Accelerated gradient descent; the step is safe because the loss curves no more than `bound`.
    """
    goal = np.eye(len(centre))[answers]
    bound = 0.5 * float(np.linalg.norm(amounts * np.sqrt(weights)[:, None], 2) ** 2) + stiff
    points, ahead, momentum = centre.copy(), centre.copy(), 1.0
    for _ in range(steps):
        slope = ((softmax(amounts @ ahead.T) - goal) * weights[:, None]).T @ amounts + stiff * (ahead - centre)
        step = ahead - slope / bound
        after = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        ahead = step + (momentum - 1) / after * (step - points)
        points, momentum = step, after
    return points


def fit_ladder(
    amounts: Array, levels: Array, weights: Array, centre: Array, stiff: float, steps: int = 3000
) -> tuple[Array, Array]:
    """(points, two borders): ordered logistic regression with a normal prior around `centre`."""
    points, borders = centre.copy(), np.array([-2.5, 0.5])
    rate = 0.5 / (float(np.linalg.norm(amounts, 2) ** 2) / 4 + stiff)
    sharp = lambda value: 1 / (1 + np.exp(-np.clip(value, -30, 30)))  # noqa: E731
    for _ in range(steps):
        score = amounts @ points
        above = [sharp(score - border) for border in borders]
        reached = [(levels >= 1).astype(float), (levels >= 2).astype(float)]
        # Two binary steps that share the points: "at least moderate" and "severe".
        misses = [(a - r) * weights for a, r in zip(above, reached, strict=True)]
        slope = amounts.T @ (misses[0] + misses[1]) + stiff * (points - centre)
        points = points - rate * slope
        # The borders are held near their start, for few cases are minor.
        for place, start in enumerate((-2.5, 0.5)):
            borders[place] += rate * (misses[place].sum() - 0.5 * (borders[place] - start))
    return points, borders


def borders_of(sums: Array, levels: Array) -> tuple[float, float]:
    """The two borders of severity sums under which the levels are most probable."""
    grid = np.arange(-4.0, 4.0, 0.1)
    found = []
    for level in (1, 2):
        signs = np.where(levels >= level, 1.0, -1.0)
        losses = [np.log1p(np.exp(-signs * (sums - border))).sum() for border in grid]
        found.append(round(float(grid[int(np.argmin(losses))]), 2))
    return found[0], found[1]


def early_borders(tables: Tables, learnt: Learnt, rows: Array) -> tuple[tuple[int, float, float], ...]:
    """The borders from so many mentions on; those of whole cases are the fitted ones."""
    both = np.concatenate([learnt.severity, learnt.severity_of_type])
    out = []
    for least, place in FROM:
        if place == 0:
            out.append((least, *(round(float(border), 2) for border in learnt.borders)))
            continue
        used = (rows if CUTS[place][0] in (1, 2) else rows & ~tables.opening) & ~tables.later
        sums = with_types(tables.cuts[place][used], learnt.types) @ both
        out.append((least, *borders_of(sums, tables.severity[used])))
    return tuple(out)


def centre_of(rules: Rules, what: str) -> Array:
    """The reviewer's points as classes x concepts (severity: concepts)."""
    if what == "severity":
        return PRIOR[what] * np.array([concept.severe for concept in rules.concepts])
    classes: Sequence[Any] = TYPES if what == "types" else KINDS
    side = [getattr(concept, "leans" if what == "types" else "kind") for concept in rules.concepts]
    return PRIOR[what] * np.array([[row.get(name, 0.0) for row in side] for name in classes])


def thin(points: Array) -> Array:
    """Rounded points without the ones too small to feel."""
    return np.where(np.abs(points) < SMALLEST, 0.0, np.round(points, 2))


@dataclass(frozen=True)
class Learnt:
    """What one fit gives."""

    types: Array
    kinds: Array
    severity: Array
    severity_of_type: Array
    borders: Array


@dataclass(frozen=True)
class Tables:
    """The amounts of all cases: whole, and after the first mentions; and the answers."""

    cuts: tuple[Array, ...]
    shared: tuple[Array, ...]  # for the types: without words that a single case says
    primary: Array
    kind: Array  # -1 where there is none
    severity: Array
    weight: Array  # how much a case counts in the fit
    opening: Array  # booleans: only the first two mentions are there
    later: Array  # booleans: see LATER

    @classmethod
    def of(cls, cases: Sequence[Labelled], rules: Rules) -> Tables:
        seen = [[seen_in(cut_to(item.case, cut), rules) for item in cases] for cut, _ in CUTS]
        likeness = likeness_apart(cases, [cut for cut, _ in CUTS])
        lone, loud = lone_words(seen[0]), speaking(rules, "types")
        pairs = tuple(zip(seen, likeness, strict=True))
        return cls(
            tuple(table(cut, like, rules) for cut, like in pairs),
            tuple(table(cut, like, rules, lone) * loud for cut, like in pairs),
            np.array([TYPES.index(item.primary) for item in cases]),
            np.array([KINDS.index(item.kind) if item.kind else -1 for item in cases]),
            np.array([SEVERITIES.index(item.severity) for item in cases]),
            np.array([OPENING_WEIGHT if item.opening else OWN_WEIGHT if item.own else 1.0 for item in cases]),
            np.array([item.opening for item in cases]),
            np.array([item.later for item in cases]),
        )


def learn(tables: Tables, rules: Rules, rows: Array) -> Learnt:
    """Points from the cases that `rows` (booleans) picks. A word that a single case says teaches the types nothing."""
    # An opening has one cut only, and counts once.
    whole, opening = rows & ~tables.opening, rows & tables.opening
    used = [(cut[whole], weight) for cut, (_, weight) in zip(tables.shared, CUTS, strict=True) if weight]
    types = fit_choice(
        np.vstack([*(cut for cut, _ in used), tables.shared[0][opening]]),
        np.concatenate([np.tile(tables.primary[whole], len(used)), tables.primary[opening]]),
        np.concatenate([*(tables.weight[whole] * weight for _, weight in used), tables.weight[opening]]),
        centre_of(rules, "types"),
        STIFF["types"],
    )
    credit = rows & (tables.kind >= 0)
    kinds = fit_choice(
        tables.cuts[0][credit] * speaking(rules, "kinds"),
        tables.kind[credit],
        tables.weight[credit] * np.where(tables.later[credit], LATER_KINDS, 1.0),
        centre_of(rules, "kinds"),
        STIFF["kinds"],
    )
    types = thin(types)
    centre = np.concatenate([centre_of(rules, "severity"), [SEVERE_TYPES[kind] for kind in TYPES]])
    graded = whole & ~tables.later
    severity, borders = fit_ladder(
        with_types(tables.cuts[0][graded] * speaking(rules, "severity"), types),
        tables.severity[graded],
        tables.weight[graded],
        centre,
        STIFF["severity"],
    )
    severity = thin(severity)
    size = len(rules.concepts)
    return Learnt(types, thin(kinds), severity[:size], severity[size:], borders)


def with_types(amounts: Array, types: Array) -> Array:
    """The amounts with the shares of the five types beside them."""
    return np.hstack([amounts, softmax(amounts @ types.T / WARM)])


def folds_of(cases: Sequence[Labelled], count: int, seed: int) -> Array:
    """A fold per case, balanced over the types. Cases about one organisation or one event share a fold."""
    chance = np.random.default_rng(seed)
    group = [item.case.org.name for item in cases]
    fold_of_group: dict[str, int] = {}
    loads = np.zeros((count, len(TYPES)))
    for place in chance.permutation(len(cases)):
        kind = TYPES.index(cases[place].primary)
        if group[place] not in fold_of_group:
            fold_of_group[group[place]] = int(np.argmin(loads[:, kind] + loads.sum(axis=1) * 0.01))
        loads[fold_of_group[group[place]], kind] += 1
    return np.array([fold_of_group[name] for name in group])


def sources_of(cases: Sequence[Labelled]) -> Array:
    """The hand that wrote each case: the development cases 0, our own whole ones 1, our openings 2."""
    return np.array([2 if item.opening else 1 if item.own else 0 for item in cases])


def temperatures_of(cases: Sequence[Labelled], tables: Tables, rules: Rules) -> tuple[tuple[int, float], ...]:
    """The temperature from so many mentions on.

    From sums for each source by a fit that has seen the other sources only, and without words that a single case
    says: an unseen case comes from another hand, and no word was listed because of it.
    The hand that is hardest to foresee sets the temperature; openings speak for the first hour only.
    """
    source = sources_of(cases)
    apart = held_out(cases, tables, rules, folds=source)
    degrees = []
    for least, place in FROM:
        hands = [hand for hand in sorted(set(source.tolist())) if hand < 2 or CUTS[place][0] in (1, 2)]
        each = [
            temperature_of(apart["unseen"][place][source == hand], tables.primary[source == hand]) for hand in hands
        ]
        degrees.append((least, max(each)))
    return tuple(degrees)


def temperature_of(logits: Array, answers: Array) -> float:
    """The divisor of the sums under which the held-out answers are most probable."""
    grid = np.linspace(0.4, 5.0, 93)
    losses = [-np.log(softmax(logits / t)[np.arange(len(answers)), answers] + 1e-9).mean() for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 2)


def held_out(
    cases: Sequence[Labelled],
    tables: Tables,
    rules: Rules,
    *,
    count: int = 0,
    seed: int = 0,
    folds: Array | None = None,
) -> dict[str, Array]:
    """Sums for every case from a fit that has not seen it: types (whole, early), kinds, severity and borders.

    `folds` instead of `count` and `seed` says which cases are held out together.
    """
    folds = folds_of(cases, count, seed) if folds is None else folds
    size = len(cases)
    out = {
        "types": np.zeros((size, len(TYPES))),
        "early": np.zeros((size, len(TYPES))),
        "unseen": np.zeros((len(CUTS), size, len(TYPES))),
        "kinds": np.zeros((size, len(KINDS))),
        "severity": np.zeros(size),
        "borders": np.zeros((size, 2)),
        "early_severity": np.zeros(size, int),
    }
    for number in sorted(set(folds.tolist())):
        test = folds == number
        learnt = learn(tables, rules, ~test)
        out["types"][test] = tables.cuts[0][test] @ learnt.types.T
        out["early"][test] = tables.cuts[1][test] @ learnt.types.T
        for place, cut in enumerate(tables.shared):
            out["unseen"][place][test] = cut[test] @ learnt.types.T
        out["kinds"][test] = tables.cuts[0][test] @ learnt.kinds.T
        both = np.concatenate([learnt.severity, learnt.severity_of_type])
        out["severity"][test] = with_types(tables.cuts[0][test], learnt.types) @ both
        out["borders"][test] = learnt.borders
        first = with_types(tables.cuts[1][test], learnt.types) @ both
        _, *early = next(row for row in early_borders(tables, learnt, ~test) if row[0] == CUTS[1][0])
        out["early_severity"][test] = (first[:, None] >= np.array(early)).sum(axis=1)
    return out


def companions_of(cases: Sequence[Labelled]) -> dict[CrisisType, dict[CrisisType, float]]:
    """How often readers named a second type beside a first one; rare pairs are left out."""
    table: dict[CrisisType, dict[CrisisType, float]] = {}
    for first in TYPES:
        group = [item.secondary for item in cases if item.primary is first]
        pairs = {kind: round(sum(kind in named for named in group) / max(1, len(group)), 2) for kind in TYPES}
        table[first] = {kind: share for kind, share in pairs.items() if share >= 0.05}
    return table


def weights_of(
    rules: Rules,
    learnt: Learnt,
    *,
    version: int,
    temperatures: tuple[tuple[int, float], ...],
    borders: tuple[tuple[int, float, float], ...],
    companions: dict[CrisisType, dict[CrisisType, float]],
) -> Weights:
    """The value that is written."""
    names = [concept.id for concept in rules.concepts]

    def named(points: Array, classes: Sequence[Any]) -> dict[str, dict[Any, float]]:
        rows = {
            name: {kind: float(points[row, place]) for row, kind in enumerate(classes) if points[row, place]}
            for place, name in enumerate(names)
        }
        return {name: row for name, row in rows.items() if row}

    return Weights(
        version=version,
        types=named(learnt.types, TYPES),
        kinds=named(learnt.kinds, KINDS),
        severity={name: float(learnt.severity[place]) for place, name in enumerate(names) if learnt.severity[place]},
        severity_of_type={kind: float(learnt.severity_of_type[place]) for place, kind in enumerate(TYPES)},
        severity_at=borders,
        temperatures=temperatures,
        companions=companions,
    )


def written(weights: Weights) -> str:
    """weights.yaml."""
    record = {
        "version": weights.version,
        "temperatures": [list(pair) for pair in weights.temperatures],
        "companions": {
            str(first): {str(kind): share for kind, share in row.items()} for first, row in weights.companions.items()
        },
        "severity_at": [list(row) for row in weights.severity_at],
        "severity_of_type": {str(kind): points for kind, points in weights.severity_of_type.items()},
        "types": {name: {str(k): v for k, v in row.items()} for name, row in weights.types.items()},
        "kinds": {name: {str(k): v for k, v in row.items()} for name, row in weights.kinds.items()},
        "severity": dict(weights.severity),
    }
    head = (
        "# Fitted points for one plain sighting of a concept, written by `make fit` (tests/eval/fit.py): do not edit.\n"
        "# A reviewer's points are in the concept files; change them there, then fit again.\n"
    )
    return head + yaml.safe_dump(record, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)


def main() -> None:
    data = os.environ.get("CRISIS_DATA") or (sys.argv[1] if len(sys.argv) > 1 else "")
    if not data:
        print("fit: skipped, for CRISIS_DATA does not name a data folder")  # noqa: T201
        return
    shelf = builtin("playbooks")
    file = shelf / "classifier" / "weights.yaml"
    rules = unfitted_from((shelf,))
    cases = developed(Path(data)) + own_cases() + own_openings()
    tables = Tables.of(cases, rules)
    apart = held_out(cases, tables, rules, count=10, seed=1)
    learnt = learn(tables, rules, np.ones(len(cases), bool))
    weights = weights_of(
        rules,
        learnt,
        version=rules.weights.version + 1,
        temperatures=temperatures_of(cases, tables, rules),
        borders=early_borders(tables, learnt, np.ones(len(cases), bool)),
        companions=companions_of([item for item in cases if not item.own]),
    )
    file.write_text(written(weights), encoding="utf-8")
    write_likeness(cases)
    right, source = apart["types"].argmax(axis=1) == tables.primary, sources_of(cases)
    print(  # noqa: T201
        f"fit: {len(cases)} cases, held-out accuracy {right[source == 0].mean():.3f} on development cases, "
        f"{right[source == 1].mean():.3f} on our own, {right[source == 2].mean():.3f} on our openings; "
        f"version {weights.version}: {file.name}"
    )


if __name__ == "__main__":
    main()
