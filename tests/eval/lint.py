"""Measures the statement checks against labelled drafts.

    [CRISIS_DATA=<folder>] python -m tests.eval.lint [--errors]

Four files (shape: crisis lint, with `labels` and `may`): our own statements, which the checks have learnt from; our
own that are kept apart, each hand besides by itself, which nobody has looked at while a check was written; those that
the next fit will learn from; and the folder's `statements_dev.jsonl`. Prints micro precision and recall over forbid
checks and over require checks, each check with its counts, wrong findings on good statements, and the time per
statement. `--errors` tells each error, but none of what is kept apart: once read, it would be kept apart no more.
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
OWN = Path(__file__).parent.parent / "data"
KEPT = "kept apart"
FILES = {
    "our own": OWN / "own_statements.jsonl",
    KEPT: OWN / "kept_statements.jsonl",
    "not learnt yet": OWN / "next_statements.jsonl",
    "development": Path(os.environ.get("CRISIS_DATA") or "nowhere") / "statements_dev.jsonl",
}


def measure(
    records: Sequence[dict[str, Any]], checks: CheckSet, say: Callable[[str], None], *, tells: bool = False
) -> dict[str, float]:
    """Figures of a file, all 0 to 1 except `wrong_on_good` (per statement) and `ms`; `tells` says each error."""
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
    if tells:
        for error in errors:
            say(error)
    return figures


def main() -> None:
    for title, file in FILES.items():
        if not file.is_file():
            continue
        records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        parts = {lang: [record for record in records if record["lang"] == lang] for lang in ("zh", "en")}
        if title == KEPT:
            hands = sorted({record["id"][0] for record in records})
            parts |= {f"hand {hand}": [record for record in records if record["id"][0] == hand] for hand in hands}
        for name_of_part, part in parts.items():
            figures = measure(part, load_checks(), lambda line: None)
            shown = "  ".join(
                f"{name.replace('_', ' ')} {value:.3f}" for name, value in figures.items() if name != "ms"
            )
            print(f"== {title}, {name_of_part}: {len(part)} statements  {shown}")  # noqa: T201
        print(f"== {title}: {len(records)} statements")  # noqa: T201
        measure(records, load_checks(), print, tells="--errors" in sys.argv and title != KEPT)
    if not os.environ.get("CRISIS_DATA"):
        print("CRISIS_DATA names no folder with statements_dev.jsonl: only our own statements were measured.")  # noqa: T201


if __name__ == "__main__":
    main()
