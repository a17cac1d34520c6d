"""How good the classifier is on cases that the fit has not seen.

    CRISIS_DATA=folder python tests/eval/classify.py [--folds 10] [--seeds 2]

Development cases, our own fictional ones and our openings are learnt together and reported apart. Cross-validated over
folds that keep an organisation together; 95 % intervals (Wilson). "As if unseen" is the honest line: each source is
judged by a fit on the other sources, and without the words that a single case says. Beside each figure stands its peer
in the same folds: naive Bayes over character pairs and words. Prints per language and per type, the confusion table
and the worst ten errors.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from fit import (  # the fit lies beside this file
    KINDS,
    SEVERITIES,
    TYPES,
    Tables,
    companions_of,
    early_borders,
    folds_of,
    held_out,
    learn,
    softmax,
    sources_of,
    temperatures_of,
    weights_of,
)
from labelled_cases import Labelled, cut_to, developed, kept_cases, own_cases, own_openings

from crisis.content.classifier import rules as rules_as_they_stand
from crisis.content.classifier import unfitted_from
from crisis.content.roots import builtin
from crisis.core.classify import classify
from crisis.core.classify.classification import RIVAL, accompanies

Array = Any
say = print


def interval(right: Array) -> str:
    """`0.839 [.78 .89]`: a share with its Wilson interval."""
    if not len(right):
        return "no cases"
    n, share, z = len(right), float(np.mean(right)), 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * ((share * (1 - share) + z * z / (4 * n)) / n) ** 0.5 / (1 + z * z / n)
    return f"{share:.3f} [{middle - half:.2f} {middle + half:.2f}]  n={n}"


def calibration(shares: Array, answers: Array, bins: int = 10) -> float:
    """Expected calibration error: mean distance of confidence and accuracy over equal bins, weighted."""
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == answers
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(confidence[place == b].mean() - right[place == b].mean()) * (place == b).mean()
            for b in range(bins)
            if (place == b).any()
        )
    )


def words_of(item: Labelled) -> Counter[str]:
    text = " ".join([*(m.text for m in item.case.mentions), *(f.claim for f in item.case.facts)]).lower()
    chinese = re.findall(r"[\u4e00-\u9fff]+", text)
    return Counter([*(run[i : i + 2] for run in chinese for i in range(len(run) - 1)), *re.findall(r"[a-z]{3,}", text)])


def peer(cases: list[Labelled], folds: Array) -> Array:
    """Naive Bayes over character pairs and words, in the same folds: the predicted type of each case."""
    bags = [words_of(item) for item in cases]
    answers = np.array([TYPES.index(item.primary) for item in cases])
    said = np.zeros(len(cases), int)
    for fold in set(folds):
        counts = [Counter[str]() for _ in TYPES]
        for bag, answer, place in zip(bags, answers, folds, strict=True):
            if place != fold:
                counts[answer].update(bag.keys())
        sizes = [sum(count.values()) for count in counts]
        known = len(set().union(*counts))
        for row in np.flatnonzero(folds == fold):
            logs = [
                sum(np.log((counts[k][word] + 0.5) / (sizes[k] + 0.5 * known)) for word in bags[row])
                for k in range(len(TYPES))
            ]
            said[row] = int(np.argmax(logs))
    return said


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--folds", type=int, default=10)
    options.add_argument("--seeds", type=int, default=2)
    chosen = options.parse_args()
    data = os.environ.get("CRISIS_DATA", "")
    if not data:
        say("classify: CRISIS_DATA does not name a data folder, so only our own cases are measured")
    rules = unfitted_from((builtin("playbooks"),))
    cases = (developed(Path(data)) if data else []) + own_cases() + own_openings()
    tables = Tables.of(cases, rules)
    runs = [held_out(cases, tables, rules, count=chosen.folds, seed=seed + 1) for seed in range(chosen.seeds)]
    temperatures = temperatures_of(cases, tables, rules)
    degrees = [dict(temperatures) for _ in runs]
    # Each seed is one whole cross-validation; figures are means over seeds, intervals are of the first.
    full = [softmax(run["types"] / degree[5]) for run, degree in zip(runs, degrees, strict=True)]
    early = [softmax(run["early"] / degree[2]) for run, degree in zip(runs, degrees, strict=True)]
    guess = peer(cases, folds_of(cases, chosen.folds, 1))
    source = sources_of(cases)
    apart = held_out(cases, tables, rules, folds=source)
    say(f"{chosen.folds} folds, {chosen.seeds} seeds, concepts {len(rules.concepts)}, temperatures {degrees[0]}")
    for hand, name in enumerate(("development cases", "our own cases", "our openings")):
        rows = source == hand
        if rows.any():
            say(f"-- {name}")
            report(cases, tables, runs, full, early, guess, rows)
            if len(set(source.tolist())) > 1:
                unseen(tables, apart, dict(temperatures), rows)
    kept()
    learnt = learn(tables, rules, np.ones(len(cases), bool))
    fitted = replace(
        rules,
        weights=weights_of(
            rules,
            learnt,
            version=0,
            temperatures=temperatures,
            borders=early_borders(tables, learnt, np.ones(len(cases), bool)),
            companions=companions_of(cases),
        ),
    )
    began = time.perf_counter()
    for item in cases:
        classify(item.case, fitted)
    say(f"speed              {(time.perf_counter() - began) / len(cases) * 1000:.1f} ms per case")


def kept() -> None:
    """The weights as they stand on the cases that nothing learns from. Errors are not told: once read, they would be
    kept apart no more."""
    cases, rules = kept_cases(), rules_as_they_stand()
    for title, cut in (("whole", None), ("first two mentions", 2)):
        judged = [classify(cut_to(item.case, cut), rules) for item in cases]
        right = np.array([one.primary is item.primary for one, item in zip(judged, cases, strict=True)])
        shares = np.array([[one.probabilities[kind] for kind in TYPES] for one in judged])
        answers = np.array([TYPES.index(item.primary) for item in cases])
        in_two = ((-shares).argsort(axis=1)[:, :2] == answers[:, None]).any(axis=1)
        graded = np.array([one.severity is item.severity for one, item in zip(judged, cases, strict=True)])
        kinds = np.array([one.credit_kind is item.kind for one, item in zip(judged, cases, strict=True) if item.kind])
        say(f"-- kept apart, {title}")
        say(f"primary            {interval(right)}")
        say(f"in first two       {interval(in_two)}")
        say(f"credit kind        {interval(kinds)}")
        say(f"severity exact     {interval(graded)}")
        say(f"calibration error  {calibration(shares, answers):.3f}")


def unseen(tables: Tables, apart: dict[str, Array], degrees: dict[int, float], rows: Array) -> None:
    """What the same cases look like to a fit that knows neither their source nor the words only they say."""
    answers = tables.primary[rows]
    for name, place, least in (("whole", 0, 5), ("first two mentions", 1, 2)):
        shares = softmax(apart["unseen"][place][rows] / degrees[least])
        right = shares.argmax(axis=1) == answers
        say(f"as if unseen, {name}: {interval(right)}, calibration error {calibration(shares, answers):.3f}")


def report(
    cases: list[Labelled],
    tables: Tables,
    runs: list[dict[str, Array]],
    full: list[Array],
    early: list[Array],
    guess: Array,
    rows: Array,
) -> None:
    """The figures on the cases that `rows` (booleans) picks."""
    answers, first = tables.primary, full[0]
    right = first.argmax(axis=1) == answers
    in_two = ((-first).argsort(axis=1)[:, :2] == answers[:, None]).any(axis=1)
    several = rows & np.array([item.agree >= 2 for item in cases])
    say(f"primary            {interval(right[rows])}  {means(full, answers, rows)}")
    say(f"  peer (pairs, words) {interval((guess == answers)[rows])}")
    say(f"  three readers    {interval(right[several])}  {means(full, answers, several)}")
    say(f"in first two       {interval(in_two[rows])}")
    say(f"first two mentions {interval((early[0].argmax(1) == answers)[rows])}  {means(early, answers, rows)}")
    credit = rows & (tables.kind >= 0)
    kinds = [run["kinds"] for run in runs]
    named = (kinds[0].argmax(1) == tables.kind)[credit]
    say(f"credit kind        {interval(named)}  {means(kinds, tables.kind, credit)}")
    ladders = [(run["severity"][:, None] >= run["borders"]).sum(axis=1) for run in runs]
    ladder = ladders[0]
    graded = np.mean([(steps == tables.severity)[rows].mean() for steps in ladders])
    say(f"severity exact     {interval((ladder == tables.severity)[rows])}  mean {graded:.3f}")
    say(f"  first two        {interval((runs[0]['early_severity'] == tables.severity)[rows])}")
    say(f"severity off by 1  {interval((np.abs(ladder - tables.severity) <= 1)[rows])}")
    errors = [[calibration(p[rows], answers[rows]) for p in shares] for shares in (full, early)]
    say(f"calibration error  {np.mean(errors[0]):.3f} (whole), {np.mean(errors[1]):.3f} (first two mentions)")
    for language in ("zh", "en", "mixed"):
        pick = rows & np.array([item.language == language for item in cases])
        say(f"  {language:6} {interval(right[pick])}")
    say("confusion (rows: readers, columns: said)")
    say("          " + " ".join(f"{kind:>7}" for kind in TYPES))
    for row, kind in enumerate(TYPES):
        line = Counter(first[rows & (answers == row)].argmax(axis=1).tolist())
        say(f"{kind:>9} " + " ".join(f"{line[column]:7d}" for column in range(len(TYPES))))
    moves = Counter(zip(tables.severity[rows].tolist(), ladder[rows].tolist(), strict=True))
    say("severity " + ", ".join(f"{SEVERITIES[a]}->{SEVERITIES[b]} {n}" for (a, b), n in moves.items()))
    moves = Counter(zip(tables.kind[credit].tolist(), kinds[0].argmax(1)[credit].tolist(), strict=True))
    say("kinds    " + ", ".join(f"{KINDS[a]}->{KINDS[b]} {n}" for (a, b), n in moves.items() if a != b))
    say(f"secondary types    {secondary(cases, runs[0]['types'], first, rows)}")
    for row in sorted(np.flatnonzero(~right & rows), key=lambda row: -first[row].max())[:10]:
        said = TYPES[int(first[row].argmax())]
        say(f"  worst: {cases[row].case.id} is {cases[row].primary}, said {said} {first[row].max():.2f}")


def means(shares: list[Array], answers: Array, rows: Array) -> str:
    """The share of right answers in each run: their mean, the lowest and the highest."""
    if not rows.any():
        return ""
    right = [(run.argmax(axis=1) == answers)[rows].mean() for run in shares]
    return f"mean {np.mean(right):.3f} ({min(right):.3f}-{max(right):.3f})"


def secondary(cases: list[Labelled], sums: Array, shares: Array, rows: Array) -> str:
    """Precision and recall of the second types by the rule of the product, on sums that have not seen the case."""
    rules = unfitted_from((builtin("playbooks"),))
    bare = replace(rules, weights=replace(rules.weights, companions=companions_of(cases)))
    named = wanted = both = 0
    for row in np.flatnonzero(rows):
        top = int(sums[row].argmax())
        also = {
            kind
            for place, kind in enumerate(TYPES)
            if place != top
            and (
                shares[row][place] >= RIVAL
                or accompanies(kind, TYPES[top], float(sums[row][place] - sums[row][top]), bare)
            )
        }
        named, wanted = named + len(also), wanted + len(cases[row].secondary)
        both += len(also & set(cases[row].secondary))
    return f"precision {both / max(1, named):.2f}, recall {both / max(1, wanted):.2f}"


if __name__ == "__main__":
    main()
