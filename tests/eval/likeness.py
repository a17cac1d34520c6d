"""`make fit-checks`: what a text reads like, fitted on our own labelled sentences and statements.

    python -m tests.eval.likeness [--write]

Two steps. First every labelled sentence is learnt by kernel ridge regression on what it means (the vectors of the
encoder) and on its words (crisis/content/pieces.py): for each fault 1 where it is committed and -1 where not, for each
required element 1 where a wording of it stands in a statement that lacks nothing of it, and -1 in a statement that
lacks it. Then the signs of a whole statement (likeness, wordings, what it lacks) are added up by logistic regression.
In the second step no statement is judged by sentences of its own hand: each hand is left out in turn, and the figures
printed are of hands left out of both steps. The wordings had been set by hands A to G (tests/eval/tiers.py), so of
these the figures flatter; H on are clean.
With --write the files of playbooks/likeness/ are written. Data of a CRISIS_DATA folder is never learnt from.
"""

# ruff: noqa: T201
from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from crisis.cli.lint import draft_of
from crisis.content.checks import load_checks
from crisis.content.encoder import vectors
from crisis.content.labelled import along, as_bytes, axes_of, nearness
from crisis.content.pieces import Pieces
from crisis.content.roots import builtin
from crisis.core.checks import CheckSet
from crisis.core.checks.engine import by_wordings, unproven_places
from crisis.core.checks.evidence import Ground, look, signs_of
from crisis.core.checks.likeness import Points, Signs
from crisis.core.checks.rules import Kind, Reckoning
from crisis.core.checks.sentences import fold, read
from tests.content.drafts import own_drafts
from tests.eval.blocks import BLOCK, backward, corner_of_inverse, factor, forward
from tests.eval.lint import UNLABELLED
from tests.eval.tiers import examples_of, lang_of, records, sentences_of_ours

Array = Any

WIDTH, SHARE = 2.0, 0.45  # crisis/content/labelled.py: nearness
AXES = 256  # of 512
LEAST = 3  # a piece of words that fewer sentences have says nothing
RIDGE = 0.3
STIFF = 1.0  # how firmly the points of a sign are held at 0
STIFF_CHECK = 4.0  # the same of a check's own points
# Of these groups each check weighs its own likeness; for required elements it brought nothing.
OWN = ("forbidden",)
# From which share on there is a finding: to miss a fault costs more than a hint too many, up to one wrong in ten. On
# hands left out every second fault from .5 down to .4 is right, and two of five from .4 to .3.
# .4 and .35 were looked at on what is kept apart (docs/figures.md).
GATES = {"forbidden": 0.4, "required": 0.45}


@dataclass(frozen=True)
class Sentence:
    """A labelled sentence, folded as the checks read it. `hand`: who wrote it; "" where it belongs to no statement."""

    folded: str
    shown: str
    lang: str
    hand: str
    faults: frozenset[str]
    carries: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Statement:
    """A labelled statement and what its wordings show. `places` are its sentences among all sentences."""

    record: dict[str, Any]
    hand: str
    places: range


def learnt_checks(checks: CheckSet) -> tuple[list[str], list[str]]:
    """(faults, required elements) that are learnt and judged by a sum."""
    faults = [rule.id for rule in checks.checks if rule.kind is Kind.FORBID or rule.reckons is Reckoning.LEDGER]
    required = [rule.id for rule in checks.checks if rule.kind is Kind.REQUIRE]
    return [i for i in faults if i not in UNLABELLED], [i for i in required if i not in UNLABELLED]


def read_all(checks: CheckSet) -> tuple[list[Sentence], list[Statement]]:
    """All our own sentences, those of statements last, and the statements."""
    forbidding = [rule for rule in checks.checks if rule.kind is Kind.FORBID]
    sentences = [
        Sentence(fold(text, checks.traditional), text, lang, "", frozenset(committed))
        for lang, text, _, committed in [*sentences_of_ours(), *examples_of(forbidding)]
    ]
    sentences += drafted(checks)
    statements = []
    for record in records("own_statements.jsonl"):
        hand, start = record["id"][0], len(sentences)
        sentences.extend(sentences_in(record, checks, hand))
        statements.append(Statement(record, hand, range(start, len(sentences))))
    return sentences, statements


def drafted(checks: CheckSet) -> list[Sentence]:
    """The sentences that the product drafts itself, for every audience, type and phase: none commits a fault."""
    found: dict[str, Sentence] = {}
    for lang, text in own_drafts():
        for sentence in read(text, lang=lang, traditional=checks.traditional).sentences:
            words = text[sentence.start : sentence.end]
            found.setdefault(sentence.folded, Sentence(sentence.folded, words, lang, "", frozenset()))
    return list(found.values())


def sentences_in(record: dict[str, Any], checks: CheckSet, hand: str) -> list[Sentence]:
    """The sentences of a statement with the faults that its quotes point at, and the elements its wordings carry."""
    ground = Ground.of(draft_of(record), checks)
    labels, may, text = set(record["labels"]), set(record.get("may", ())), record["text"]
    spans = {
        identity: (text.find(quote), text.find(quote) + len(quote))
        for identity, quote in record.get("quotes", {}).items()
        if identity in labels and quote and quote in text
    }
    required = [one for one in look(ground, checks) if one.rule.kind is Kind.REQUIRE and one.rule.id not in may]
    lacks = frozenset(one.rule.id for one in required if one.rule.id in labels)
    carried: dict[int, set[str]] = {}
    for one in required:
        if one.rule.id not in labels and not one.missing:
            for hit in ground.search.hits(one.lines.patterns):
                if hit.sentence is not None:
                    carried.setdefault(hit.sentence.start, set()).add(one.rule.id)
    return [
        Sentence(
            sentence.folded,
            text[sentence.start : sentence.end],
            lang_of(record),
            hand,
            frozenset(
                identity
                for identity, (start, end) in spans.items()
                if min(end, sentence.end) - max(start, sentence.start)
                >= 0.5 * min(end - start, sentence.end - sentence.start)
            ),
            frozenset(carried.get(sentence.start, ())),
            lacks,
        )
        for sentence in ground.sentences
    ]


def targets_of(sentences: Sequence[Sentence], faults: list[str], required: list[str]) -> Array:
    """sentences x checks, faults first: 1, -1, and 0 where nothing is known."""
    return np.array(
        [
            [1.0 if i in s.faults else -1.0 for i in faults]
            + [1.0 if i in s.carries else -1.0 if i in s.lacks else 0.0 for i in required]
            for s in sentences
        ],
        dtype=np.float32,
    )


def among_each_other(drawn: Array, texts: list[str]) -> Array:
    """texts x texts: how near they lie, some rows at a time (BLAS fails on products of more than 4 GB)."""
    pieces = Pieces.of(texts, least=LEAST)
    near = np.empty((len(texts), len(texts)), dtype=np.float32)
    for start in range(0, len(texts), BLOCK):
        rows = slice(start, start + BLOCK)
        near[rows] = nearness(drawn[rows] @ drawn.T, pieces.shared(texts[rows]), width=WIDTH, share=SHARE)
    return near


def learnt_from(
    sentences: Sequence[Sentence], statements: Sequence[Statement], near: Array, goal: Array
) -> tuple[Array, Array]:
    """(weights, scores by others): kernel ridge regression in closed form, both from one factor.

    weights: labelled sentences x checks, how much each speaks for each. The scores of a hand's sentences are those that
    a fit without that hand would give: goal - (block of the inverse)^-1 weights, the identity of leaving out a group.
    `near` is overwritten.
    """
    near[np.diag_indices(len(near))] += np.float32(RIDGE)
    lower = factor(near)
    weights = backward(lower, forward(lower, goal))
    hand_of = np.array([sentence.hand for sentence in sentences])
    scores = np.zeros_like(goal)
    for hand in sorted({statement.hand for statement in statements}):
        own = np.flatnonzero(hand_of == hand)
        scores[own] = goal[own] - np.linalg.solve(corner_of_inverse(lower, own), weights[own])
    return weights, scores


def signs_in(record: dict[str, Any], scores: Array, names: list[str], checks: CheckSet) -> dict[str, Signs]:
    """The signs of a statement, its sentences scored beforehand."""
    ground = Ground.of(draft_of(record), checks)
    seen = look(ground, checks)
    flat = unproven_places(ground, seen, by_wordings(seen), checks)
    rows = [dict(zip(names, row, strict=True)) for row in scores.tolist()]
    return signs_of(ground, seen, rows, checks, flat)


def logistic(amounts: Array, answers: Array, stiff: Array, offset: Array | float = 0.0, steps: int = 40) -> Array:
    """Points by Newton's method; `stiff` holds each of them at 0. `offset`: a sum for each row that stands already."""
    points = np.zeros(amounts.shape[1])
    for _ in range(steps):
        share = 1 / (1 + np.exp(-np.clip(offset + amounts @ points, -30, 30)))
        slope = amounts.T @ (share - answers) + stiff * points
        curve = (amounts * (share * (1 - share))[:, None]).T @ amounts + np.diag(stiff)
        step = np.linalg.solve(curve, slope)
        points = points - step
        if np.abs(step).max() < 1e-6:
            break
    return points


def points_of(title: str, rows: Sequence[tuple[str, Signs, bool]], identities: list[str]) -> Points:
    """The points that explain best which checks readers found broken."""
    names = list(rows[0][1].amounts())
    place = {identity: number for number, identity in enumerate(identities)}
    base = len(names) + 1 + len(identities)  # where a check's own likeness begins
    amounts = np.zeros((len(rows), base + len(identities) * (title in OWN)))
    for row, (identity, signs, _) in enumerate(rows):
        amounts[row, : len(names)] = list(signs.amounts().values())
        amounts[row, len(names)] = 1.0
        amounts[row, len(names) + 1 + place[identity]] = 1.0
        if title in OWN:
            amounts[row, base + place[identity]] = signs.first
    stiff = np.array([STIFF] * len(names) + [0.01] + [STIFF_CHECK] * (amounts.shape[1] - len(names) - 1))
    found = logistic(amounts, np.array([answer for _, _, answer in rows], dtype=float), stiff)
    shared = found[len(names)]
    return Points(
        gate=GATES[title],
        signs={name: round(float(value), 3) for name, value in zip(names, found, strict=False)},
        checks={i: round(float(shared + found[len(names) + 1 + place[i]]), 3) for i in identities},
        own={i: round(float(found[base + place[i]]), 3) for i in identities} if title in OWN else {},
    )


def cases(statement: Statement, signs: dict[str, Signs], identities: list[str]) -> list[tuple[str, Signs, bool]]:
    """(check, signs, whether readers found it broken); what only one reader found is left out."""
    labels, may = set(statement.record["labels"]), set(statement.record.get("may", ()))
    return [(i, signs[i], i in labels) for i in identities if i in signs and i not in may - labels]


def report(title: str, shares: Array, answers: Array, lost: int) -> None:
    print(f"{title}: " + "  ".join(figures(shares, answers, lost, gate) for gate in (0.3, 0.35, 0.4, 0.45, 0.5)))


def figures(shares: Array, answers: Array, lost: int, gate: float) -> str:
    found = shares >= gate
    right = int((found & answers).sum())
    return f"@{gate} {right / max(1, found.sum()):.3f}/{right / max(1, answers.sum() + lost):.3f}"


def main() -> None:
    checks = load_checks(wordings_only=True)
    faults, required = learnt_checks(checks)
    # Learnt for their sentences; whether they are broken is a matter of order (crisis/core/checks/engine.py).
    learnt = faults + [rule.id for rule in checks.checks if rule.order.reads_like is not None]
    names = learnt + required
    sentences, statements = read_all(checks)
    print(f"{len(sentences)} sentences, {len(statements)} statements")
    directions = vectors_of([sentence.folded for sentence in sentences])
    axes = axes_of(directions, AXES)
    drawn = along(directions, axes)
    goal = targets_of(sentences, learnt, required)
    near = among_each_other(drawn, [sentence.folded for sentence in sentences])
    weights, scores = learnt_from(sentences, statements, near, goal)
    signs = [signs_in(s.record, scores[s.places.start : s.places.stop], names, checks) for s in statements]
    hands = sorted({statement.hand for statement in statements})
    points = {}
    for title, identities in (("forbidden", faults), ("required", required)):
        rows = [cases(s, found, identities) for s, found in zip(statements, signs, strict=True)]
        shares, answers, lost = {}, {}, {}
        for hand in hands:
            train = [row for s, r in zip(statements, rows, strict=True) if s.hand != hand for row in r]
            test = [row for s, r in zip(statements, rows, strict=True) if s.hand == hand for row in r]
            points_apart = points_of(title, train, identities)
            shares[hand] = np.array([points_apart.share(i, found) for i, found, _ in test])
            answers[hand] = np.array([answer for _, _, answer in test])
            labelled = sum(len(set(s.record["labels"]) & set(identities)) for s in statements if s.hand == hand)
            lost[hand] = labelled - int(answers[hand].sum())
            report(f"{title}, hand {hand}", shares[hand], answers[hand], lost[hand])
        together = np.concatenate([shares[h] for h in hands]), np.concatenate([answers[h] for h in hands])
        report(f"{title}, all hands left out in turn", *together, sum(lost.values()))
        points[title] = points_of(title, [row for r in rows for row in r], identities)
        print(points[title].signs)
    if "--write" in sys.argv:
        write(sentences, axes, drawn, weights, names, points)


def vectors_of(texts: list[str]) -> Array:
    return np.vstack([vectors(texts[place : place + 1000]) for place in range(0, len(texts), 1000)])


def write(
    sentences: Sequence[Sentence],
    axes: Array,
    drawn: Array,
    weights: Array,
    names: list[str],
    points: dict[str, Points],
) -> None:
    """The three files of playbooks/likeness/."""
    folder = builtin("playbooks") / "likeness"
    folder.mkdir(exist_ok=True)
    order = sorted(range(len(sentences)), key=lambda place: not (sentences[place].faults or sentences[place].carries))
    shown = [place for place in order if sentences[place].faults or sentences[place].carries]
    (folder / "sentences.tsv").write_text(
        "".join(
            f"{' '.join(sorted(sentences[p].faults | sentences[p].carries))}\t{sentences[p].lang}\t"
            f"{' '.join(sentences[p].shown.split())}\n"
            for p in shown
        ),
        encoding="utf-8",
    )
    np.savez_compressed(
        folder / "sentences.npz",
        axes=axes.astype(np.float16),
        vectors=as_bytes(drawn[order]),
        weights=weights[order].astype(np.float16),
        labels=np.array(names),
        width=np.float32(WIDTH),
        share=np.float32(SHARE),
        **Pieces.of([sentences[place].folded for place in order], least=LEAST).arrays(),
    )
    file = folder / "points.yaml"
    version = yaml.safe_load(file.read_text(encoding="utf-8"))["version"] + 1 if file.is_file() else 1
    content = {
        "version": version,
        **{
            title: {"gate": of.gate, "signs": of.signs, "checks": of.checks, **({"own": of.own} if of.own else {})}
            for title, of in points.items()
        },
    }
    head = (
        "# What the signs in a text add up to (crisis/core/checks/likeness.py says what each sign is).\n"
        "# Written by `make fit-checks` from our own labelled statements; tests/eval/likeness.py says how.\n"
    )
    file.write_text(head + yaml.safe_dump(content, sort_keys=False, width=100), encoding="utf-8")
    sizes = ", ".join(f"{f.name} {f.stat().st_size // 1000} kB" for f in sorted(folder.iterdir()))
    print(f"written: version {version}, {len(shown)} of {len(sentences)} sentences shown; {sizes}")


if __name__ == "__main__":
    main()
