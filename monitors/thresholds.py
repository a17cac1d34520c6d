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
    (0.005, 0.3): (4.14, 0.05),
    (0.005, 1.0): (4.16, 0.04),
    (0.005, 3.0): (4.16, 0.04),
    (0.005, 10.0): (4.16, 0.04),
    (0.02, 0.3): (4.04, 1.30),
    (0.02, 1.0): (4.23, 1.33),
    (0.02, 3.0): (4.23, 1.06),
    (0.02, 10.0): (4.18, 1.10),
    (0.08, 0.3): (4.31, 1.03),
    (0.08, 1.0): (4.37, 1.04),
    (0.08, 3.0): (4.46, 0.89),
    (0.08, 10.0): (4.61, 0.88),
    (0.2, 0.3): (4.38, 1.28),
    (0.2, 1.0): (4.48, 1.10),
    (0.2, 3.0): (4.75, 1.10),
    (0.2, 10.0): (4.67, 1.05),
    (0.5, 0.3): (4.54, 1.15),
    (0.5, 1.0): (4.63, 1.15),
    (0.5, 3.0): (4.77, 1.16),
    (0.5, 10.0): (4.96, 1.04),
    (1.0, 0.3): (4.75, 1.42),
    (1.0, 1.0): (4.58, 1.14),
    (1.0, 3.0): (4.88, 1.14),
    (1.0, 10.0): (4.96, 1.35),
    (2.0, 0.3): (5.49, 2.15),
    (2.0, 1.0): (4.98, 1.35),
    (2.0, 3.0): (5.05, 1.37),
    (2.0, 10.0): (5.05, 1.30),
    (5.0, 0.3): (6.88, 2.48),
    (5.0, 1.0): (5.36, 1.64),
    (5.0, 3.0): (5.45, 1.27),
    (5.0, 10.0): (5.11, 1.44),
    (20.0, 0.3): (11.37, 5.36),
    (20.0, 1.0): (5.76, 1.88),
    (20.0, 3.0): (5.43, 1.87),
    (20.0, 10.0): (4.25, 1.61),
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
