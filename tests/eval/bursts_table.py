# ruff: noqa: T201
"""Draws the table of `monitors/thresholds.py` again. Takes some minutes; needs no data.

python tests/eval/bursts_table.py [--days 20000]
"""

from __future__ import annotations

import argparse
from random import Random

from monitors.calibration import WARM_UP_HOURS, line, quiet, steps
from monitors.thresholds import MEANS, SCATTERS

# How much rarer than promised to aim: by one standard error of the alarms on the simulated days. In a thin stream the
# alarm also waits for a second voice, which the sums do not know: measured, a seventh fewer alarms than they give.
RESERVE = 1.04
RESERVE_THIN = 0.95
THIN = 0.1


def main() -> None:
    """Print one line of the table per mean and scatter."""
    options = argparse.ArgumentParser()
    options.add_argument("--days", type=int, default=20000)
    options.add_argument("--thin", action="store_true", help="only the thin streams")
    asked = options.parse_args()
    days = asked.days
    for mean in MEANS:
        if asked.thin and mean > THIN:
            continue
        for scatter in SCATTERS:
            chance = Random(f"{mean} {scatter}")
            hours = WARM_UP_HOURS + days * 24 // 6
            moves = [
                steps(list(quiet(chance, mean=mean, scatter=scatter, hours=hours)), expected=mean) for _ in range(6)
            ]
            at_30, slope = line(moves, reserve=RESERVE_THIN if mean <= THIN else RESERVE)
            print(f"    ({mean}, {scatter}): ({at_30:.2f}, {slope:.2f}),", flush=True)


if __name__ == "__main__":
    main()
