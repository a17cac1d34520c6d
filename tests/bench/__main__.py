"""`make bench`: every speed figure beside its peer. `make bench ARGS="parse_feeds"` runs only those.

CRISIS_DATA=folder python -m tests.bench [name ...]
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.eval.__main__ import _feeds

HERE = Path(__file__).parent


def main() -> None:
    data = os.environ.get("CRISIS_DATA", "")
    if not data or not Path(data).is_dir():
        sys.stdout.write("CRISIS_DATA names no folder: nothing was measured (see docs/figures.md, “Data”).\n")
        return
    feeds = str(_feeds(Path(data)))
    runs: dict[str, tuple[str, ...]] = {
        "parse_feeds": (feeds,),
        "match_throughput": (),
        "group_speed": (),
        "fetch_sources": ("--processes", "0", "--reader", "--rounds", "5", "--feeds", feeds),
        "fetch_recorded": (feeds,),
        "ingest_speed": (),
    }
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    for name in sys.argv[1:] or runs:
        sys.stdout.write(f"\n== {name}\n")
        sys.stdout.flush()
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", f"tests.bench.{name}", *runs.get(name, ())], env=environment)
        sys.stdout.write(f"({time.monotonic() - began:.0f} s, exit {done.returncode})\n")


if __name__ == "__main__":
    main()
