"""The table of thresholds: drawn by tests/eval/bursts_table.py from `monitors.calibration`, looked up here."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from math import log

MEANS = (0.005, 0.02, 0.08, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0)
SCATTERS = (0.3, 1.0, 3.0, 10.0)
# For each mean (voices an hour) and scatter: the threshold for one false alarm in 30 days, and what it grows by when
# the days are multiplied by e.
TABLE: dict[tuple[float, float], tuple[float, float]] = {
    (0.005, 0.3): (4.08, 0.08),
    (0.005, 1.0): (4.08, 0.07),
    (0.005, 3.0): (4.08, 0.07),
    (0.005, 10.0): (4.08, 0.07),
    (0.02, 0.3): (3.76, 1.01),
    (0.02, 1.0): (3.45, 1.09),
    (0.02, 3.0): (3.38, 1.16),
    (0.02, 10.0): (3.45, 1.06),
    (0.08, 0.3): (4.06, 1.17),
    (0.08, 1.0): (4.10, 0.96),
    (0.08, 3.0): (4.31, 0.97),
    (0.08, 10.0): (4.25, 0.92),
    (0.2, 0.3): (4.23, 1.29),
    (0.2, 1.0): (4.31, 1.08),
    (0.2, 3.0): (4.40, 0.99),
    (0.2, 10.0): (4.48, 1.03),
    (0.5, 0.3): (4.21, 1.21),
    (0.5, 1.0): (4.38, 1.11),
    (0.5, 3.0): (4.48, 1.01),
    (0.5, 10.0): (4.58, 1.03),
    (1.0, 0.3): (4.61, 1.57),
    (1.0, 1.0): (4.48, 1.05),
    (1.0, 3.0): (4.71, 1.02),
    (1.0, 10.0): (4.78, 1.16),
    (2.0, 0.3): (5.24, 2.12),
    (2.0, 1.0): (4.73, 1.15),
    (2.0, 3.0): (4.78, 1.09),
    (2.0, 10.0): (4.92, 1.18),
    (5.0, 0.3): (6.73, 2.43),
    (5.0, 1.0): (4.84, 1.35),
    (5.0, 3.0): (4.86, 1.10),
    (5.0, 10.0): (4.82, 1.08),
    (20.0, 0.3): (11.13, 5.51),
    (20.0, 1.0): (5.24, 1.40),
    (20.0, 3.0): (4.90, 0.95),
    (20.0, 10.0): (4.61, 0.93),
}
_LEAST = 1.5


@lru_cache(maxsize=8192)
def _threshold(log_mean: float, log_scatter: float, log_days: float) -> float:
    means, scatters = [log(mean) for mean in MEANS], [log(scatter) for scatter in SCATTERS]
    i, x = _place(means, log_mean)
    j, y = _place(scatters, log_scatter)
    limit = 0.0
    for di, wx in ((0, 1 - x), (1, x)):
        for dj, wy in ((0, 1 - y), (1, y)):
            at_30, slope = TABLE[MEANS[i + di], SCATTERS[j + dj]]
            limit += wx * wy * (at_30 + slope * log_days)
    return max(_LEAST, limit)


def _place(grid: list[float], value: float) -> tuple[int, float]:
    at = min(max(bisect_right(grid, value) - 1, 0), len(grid) - 2)
    return at, min(1.0, max(0.0, (value - grid[at]) / (grid[at + 1] - grid[at])))


def threshold(*, mean: float, scatter: float, days: float) -> float:
    """The CUSUM threshold that keeps one false alarm in `days` days at this mean (an hour) and scatter k."""
    # Rounded, so that the same few cells answer from memory.
    return _threshold(round(log(mean), 1), round(log(scatter), 1), round(log(days / 30.0), 1))
