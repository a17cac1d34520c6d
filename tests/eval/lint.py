"""Measures the statement checks against labelled drafts.

    CRISIS_DATA=<folder> python -m tests.eval.lint [--errors]

The folder holds `statements_dev.jsonl` (shape: crisis lint, with `labels` and `may`). Prints micro precision
and recall over forbid checks and over require checks, each check with its counts, wrong findings on good
statements, and the time per statement. Without the folder it says so and ends well.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
from typing import Any

from crisis.cli.lint import draft_of
from crisis.content.checks import load_checks
from crisis.core.checks import CheckSet, Level, check
from crisis.core.checks.rules import Kind

# Not labelled by the readers: they need more than one text (reading rules of the data).
UNLABELLED = {"SC34", "SC35", "SC36", "SC42", "SC51", "SC53", "SC57", "SC58", "SC59"}
GRAVE = (Level.HIGH, Level.BLOCK)


def measure(records: Sequence[dict[str, Any]], checks: CheckSet, say: Callable[[str], None]) -> dict[str, float]:
    """Figures of a file, all 0 to 1 except `wrong_on_good` (per statement) and `ms`."""
    kinds = {rule.id: rule.kind for rule in checks.checks}
    hit: Counter[str] = Counter()
    extra: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    errors: list[str] = []
    good = wrong_on_good = 0
    started = process_time()
    reports = [check(draft_of(record), checks) for record in records]
    took = process_time() - started
    for record, report in zip(records, reports, strict=True):
        labels, may = set(record["labels"]), set(record.get("may", ()))
        found = {finding.check: finding for finding in report.findings if finding.check not in UNLABELLED}
        for identity in labels | set(found):
            if identity in labels and identity in found:
                hit[identity] += 1
            elif identity in labels:
                missed[identity] += 1
                errors.append(f"{record['id']} {identity} missed: {record.get('quotes', {}).get(identity, '')}")
            elif identity not in may:
                extra[identity] += 1
                finding = found[identity]
                errors.append(f"{record['id']} {identity} wrong: {record['text'][finding.start : finding.end]}")
        if not labels:
            good += 1
            wrong_on_good += sum(
                1 for finding in report.findings if finding.severity in GRAVE and finding.check not in may
            )
    figures = {"ms": took / max(1, len(records)) * 1000, "wrong_on_good": wrong_on_good / max(1, good)}
    groups = {"forbid": (Kind.FORBID, Kind.STRUCTURE), "require": (Kind.REQUIRE,), "order": (Kind.ORDER,)}
    for name, group in groups.items():
        right = sum(n for i, n in hit.items() if kinds[i] in group)
        wrong = sum(n for i, n in extra.items() if kinds[i] in group)
        lost = sum(n for i, n in missed.items() if kinds[i] in group)
        figures[f"{name}_precision"] = right / max(1, right + wrong)
        figures[f"{name}_recall"] = right / max(1, right + lost)
        say(
            f"{name}: precision {figures[f'{name}_precision']:.3f}  recall {figures[f'{name}_recall']:.3f}"
            f"  ({right} right, {wrong} wrong, {lost} missed)"
        )
    for identity in sorted(set(hit) | set(extra) | set(missed)):
        say(f"  {identity} right {hit[identity]:3d}  wrong {extra[identity]:3d}  missed {missed[identity]:3d}")
    say(f"good statements: {good}, wrong findings at high or block per statement {figures['wrong_on_good']:.2f}")
    say(f"time: {figures['ms']:.1f} ms of processor time per statement")
    if "--errors" in sys.argv:
        for error in errors:
            say(error)
    return figures


def main() -> None:
    folder = os.environ.get("CRISIS_DATA", "")
    file = Path(folder) / "statements_dev.jsonl"
    if not folder or not file.is_file():
        print("CRISIS_DATA names no folder with statements_dev.jsonl: nothing measured.")  # noqa: T201
        return
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    half = os.environ.get("CRISIS_HALF")
    if half:
        records.sort(key=lambda record: record["id"])
        records = records[int(half) :: 2]
    for lang in ("zh", "en"):
        part = [record for record in records if record["lang"] == lang]
        print(f"== {lang}: {len(part)} statements")  # noqa: T201
        measure(part, load_checks(), lambda line: None)
    print(f"== all: {len(records)} statements")  # noqa: T201
    measure(records, load_checks(), print)


if __name__ == "__main__":
    main()
