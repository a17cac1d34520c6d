"""Replays of real crises: when is the alarm raised, and what is raised before it?

    CRISIS_DATA=<folder with replays/> python tests/eval/listen_replays.py [part of a name]

Prints for each replay the first related item (by two annotators where the file has them, else by its pattern,
counted from the onset), the first alarm from then on with its delay in minutes, and alarms and notices before.
"""

# ruff: noqa: T201
from __future__ import annotations

import gzip
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from crisis.content.alarms import alarms
from crisis.content.lexicon import lexicon
from monitors.alert import Alert, Level
from monitors.article import article_of
from monitors.listen import Listener
from monitors.organisation import organisation_of


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The lines of a packed NDJSON file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def is_related(row: dict[str, Any], has_gold: bool) -> bool:
    """Is this item about the crisis? By one of the annotators, or by the pattern where nobody annotated."""
    if has_gold:
        return any(label[0] == "crisis" for label in row.get("gold", {}).values())
    return bool(row.get("related_regex"))


def main() -> None:
    """Print one block per replay."""
    folder = os.environ.get("CRISIS_DATA")
    if not folder:
        print("Set CRISIS_DATA to the folder that holds replays/.")
        return
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    organisations = json.loads((Path(folder) / "replays" / "orgs.json").read_text(encoding="utf-8"))
    in_time = clean = total = 0
    for name, entry in organisations.items():
        if wanted not in name:
            continue
        rows = rows_of(Path(folder) / "replays" / f"{name}.jsonl.gz")
        has_gold = any("gold" in row for row in rows)
        onset = datetime.fromisoformat(entry["onset"])
        related = [
            row for row in rows if is_related(row, has_gold) and datetime.fromisoformat(row["published"]) >= onset
        ]
        first = datetime.fromisoformat(related[0]["published"])
        listener = Listener(organisation_of(entry["org"]), alarms().rules(), lexicon())
        raised: list[Alert] = [alert for row in rows if (alert := listener.hear(article_of(row))) is not None]
        before = [alert for alert in raised if alert.at < first]
        after = [alert for alert in raised if alert.at >= first and alert.level is Level.ALERT]
        delay = (after[0].at - first).total_seconds() / 60 if after else float("inf")
        total += 1
        in_time += delay <= 75
        clean += not any(alert.level is Level.ALERT for alert in before)
        print(
            f"== {name}: first related {first:%m-%d %H:%M} {related[0]['title'][:50]} | delay {delay:.0f} min | ",
            end="",
        )
        print(f"before: {len(before)}, after: {len(after)} alerts of {len(raised)}")
        for alert in [*before, *after[:4]]:
            codes = ",".join(reason.code for reason in alert.reasons)
            print(
                f"     {alert.at:%m-%d %H:%M} {alert.level} {alert.title[:60]} | {codes} | {alert.independent_sources}"
            )
    print(f"within 75 minutes: {in_time} of {total}; nothing raised before: {clean} of {total}")


if __name__ == "__main__":
    main()
