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
    (0.005, 1.0): (4.06, 0.08),
    (0.005, 3.0): (4.06, 0.08),
    (0.005, 10.0): (4.08, 0.07),
    (0.02, 0.3): (3.62, 1.08),
    (0.02, 1.0): (3.28, 1.20),
    (0.02, 3.0): (3.28, 1.20),
    (0.02, 10.0): (3.32, 1.12),
    (0.08, 0.3): (4.10, 1.14),
    (0.08, 1.0): (4.06, 0.98),
    (0.08, 3.0): (4.23, 1.02),
    (0.08, 10.0): (4.21, 0.95),
    (0.2, 0.3): (4.25, 1.38),
    (0.2, 1.0): (4.31, 1.08),
    (0.2, 3.0): (4.42, 0.98),
    (0.2, 10.0): (4.50, 1.08),
    (0.5, 0.3): (4.29, 1.27),
    (0.5, 1.0): (4.44, 1.05),
    (0.5, 3.0): (4.54, 1.03),
    (0.5, 10.0): (4.67, 1.02),
    (1.0, 0.3): (4.69, 1.57),
    (1.0, 1.0): (4.56, 1.09),
    (1.0, 3.0): (4.80, 1.01),
    (1.0, 10.0): (4.88, 1.14),
    (2.0, 0.3): (5.28, 2.17),
    (2.0, 1.0): (4.77, 1.15),
    (2.0, 3.0): (4.82, 1.10),
    (2.0, 10.0): (4.92, 1.25),
    (5.0, 0.3): (6.77, 2.47),
    (5.0, 1.0): (4.82, 1.30),
    (5.0, 3.0): (4.86, 1.02),
    (5.0, 10.0): (4.80, 1.05),
    (20.0, 0.3): (11.83, 5.08),
    (20.0, 1.0): (5.07, 1.50),
    (20.0, 3.0): (4.84, 0.92),
    (20.0, 10.0): (4.61, 0.92),
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
