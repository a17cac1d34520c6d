# ruff: noqa: T201
"""Draws the table of `monitors/thresholds.py` again. Takes some minutes; needs no data.

python tests/eval/bursts_table.py [--days 6000]
"""

from __future__ import annotations

import argparse
from random import Random

from monitors.calibration import WARM_UP_HOURS, line, quiet, steps
from monitors.thresholds import MEANS, SCATTERS

# Aim a tenth rarer than promised: the simulated years are finite.
RESERVE = 1.1


def main() -> None:
    """Print one line of the table per mean and scatter."""
    options = argparse.ArgumentParser()
    options.add_argument("--days", type=int, default=6000)
    days = options.parse_args().days
    for mean in MEANS:
        for scatter in SCATTERS:
            chance = Random(f"{mean} {scatter}")
            hours = WARM_UP_HOURS + days * 24 // 6
            moves = [
                steps(list(quiet(chance, mean=mean, scatter=scatter, hours=hours)), expected=mean) for _ in range(6)
            ]
            at_30, slope = line(moves, reserve=RESERVE)
            print(f"    ({mean}, {scatter}): ({at_30:.2f}, {slope:.2f}),", flush=True)


if __name__ == "__main__":
    main()
