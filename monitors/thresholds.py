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
    (0.005, 0.3): (4.08, 0.07),
    (0.005, 1.0): (4.08, 0.07),
    (0.005, 3.0): (4.08, 0.07),
    (0.005, 10.0): (4.08, 0.07),
    (0.02, 0.3): (3.78, 1.15),
    (0.02, 1.0): (3.26, 1.21),
    (0.02, 3.0): (3.19, 1.11),
    (0.02, 10.0): (3.15, 1.17),
    (0.08, 0.3): (4.27, 1.17),
    (0.08, 1.0): (3.89, 1.17),
    (0.08, 3.0): (4.16, 1.11),
    (0.08, 10.0): (4.06, 1.04),
    (0.2, 0.3): (4.61, 1.41),
    (0.2, 1.0): (4.33, 1.20),
    (0.2, 3.0): (4.61, 1.08),
    (0.2, 10.0): (4.65, 1.06),
    (0.5, 0.3): (4.78, 1.53),
    (0.5, 1.0): (4.73, 1.17),
    (0.5, 3.0): (4.88, 1.27),
    (0.5, 10.0): (5.05, 1.17),
    (1.0, 0.3): (4.99, 1.54),
    (1.0, 1.0): (4.75, 1.23),
    (1.0, 3.0): (5.05, 1.30),
    (1.0, 10.0): (5.30, 1.20),
    (2.0, 0.3): (5.57, 2.06),
    (2.0, 1.0): (4.92, 1.34),
    (2.0, 3.0): (5.32, 1.29),
    (2.0, 10.0): (5.55, 1.31),
    (5.0, 0.3): (7.17, 3.14),
    (5.0, 1.0): (5.11, 1.42),
    (5.0, 3.0): (5.53, 1.36),
    (5.0, 10.0): (5.72, 1.46),
    (20.0, 0.3): (10.80, 5.71),
    (20.0, 1.0): (5.51, 1.59),
    (20.0, 3.0): (5.76, 1.41),
    (20.0, 10.0): (6.08, 1.56),
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
