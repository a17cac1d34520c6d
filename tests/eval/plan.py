"""Audiences of `crisis plan` against readers: who must be told in 24 hours, who first, and how long a plan takes.

    CRISIS_DATA=<folder with cases_dev.jsonl> python tests/eval/plan.py [--given]

`--given` takes the readers' type instead of our own. Prints recall and precision over all (case, audience) pairs
(audiences that one reader alone names count neither way) and the share of cases whose first audience is accepted, each
with a bootstrap interval, per group of cases; beside them a peer: customers, employees, media and regulators in every
case, victims first when people were hurt. Then the time of classify, plan and all drafts in two languages.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from crisis.cli.plan import judge, message, request_of
from crisis.content.checks import load_checks
from crisis.content.plans import load_plan_content
from crisis.content.statements import load_statements
from crisis.core.drafting import refused_claims
from crisis.core.plan import plan

USUAL = ("customers", "employees", "media", "regulators")
Row = tuple[int, int, int, int]  # right, wrong, missed, first right


def _row(told: Sequence[str], gold: dict[str, list[str]]) -> Row:
    right = sum(name in gold["must"] for name in told)
    wrong = sum(name not in gold["must"] + gold["may"] for name in told)
    return right, wrong, len(gold["must"]) - right, int(told[0] in gold["first"])


def _figures(rows: Sequence[Row]) -> tuple[float, float, float]:
    right, wrong, missed, first = (sum(column) for column in zip(*rows, strict=True))
    return right / (right + missed), right / (right + wrong), first / len(rows)


def _interval(rows: Sequence[Row], *, draws: int = 400) -> list[tuple[float, float]]:
    chance = random.Random(7)
    samples = [_figures([rows[chance.randrange(len(rows))] for _ in rows]) for _ in range(draws)]
    return [
        (column[int(draws * 0.025)], column[int(draws * 0.975)]) for column in map(sorted, zip(*samples, strict=True))
    ]


def _say(name: str, rows: Sequence[Row]) -> None:
    names = ("recall", "precision", "first")
    parts = [
        f"{what} {value:.3f} [{low:.3f}-{high:.3f}]"
        for what, value, (low, high) in zip(names, _figures(rows), _interval(rows), strict=True)
    ]
    print(f"{name:32} n={len(rows):3}  {'  '.join(parts)}")  # noqa: T201


def main(arguments: Iterable[str]) -> None:
    folder = os.environ.get("CRISIS_DATA")
    if not folder or not (Path(folder) / "cases_dev.jsonl").is_file():
        print("plan: skipped, set CRISIS_DATA to the folder that holds cases_dev.jsonl")  # noqa: T201
        return
    given = "--given" in arguments
    content, shelf, checks = load_plan_content(), load_statements(), load_checks()
    at = datetime(2026, 11, 22, 20, 30)
    groups: dict[str, list[Row]] = {}
    peer: list[Row] = []
    took: list[float] = []
    for line in (Path(folder) / "cases_dev.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        gold = record["gold"]
        if given:
            record["classification"] = gold
        request = request_of(record)
        begun = time.perf_counter()
        judged, _ = judge(request)
        made = plan(request.case, judged, content, on=at.date())
        refused = refused_claims(request.case, judged.primary, checks)
        for item in made.audiences:
            for lang in ("zh", "en"):
                message(item, made, request.case, shelf, lang=lang, at=at, refused=refused)
        took.append(time.perf_counter() - begun)
        row = _row([item.audience for item in made.audiences if item.deadline_hours <= 24], gold)
        several = "several readers" if gold["agree"] >= 2 else "labelled by its author"
        for group in ("all", several, f"language {record['language']}", f"type {gold['primary']}"):
            groups.setdefault(group, []).append(row)
        hurt = made.analysis.seen.holds("casualties")
        peer.append(_row((("victims", *USUAL) if hurt else USUAL), gold))
    for group, rows in groups.items():
        _say(group, rows)
    _say("peer: the usual four", peer)
    print("target                           recall .95  precision .75  first .85")  # noqa: T201
    took.sort()
    print(  # noqa: T201
        f"classify + plan + drafts in two languages: median {took[len(took) // 2] * 1000:.0f} ms, "
        f"95 % {took[int(len(took) * 0.95)] * 1000:.0f} ms, target 300 ms"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
