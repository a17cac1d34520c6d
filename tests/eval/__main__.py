"""`make eval`: every quality figure, one after another. `make eval ARGS="classify lint"` runs only those.

    CRISIS_DATA=folder python -m tests.eval [name ...]

The folder is laid out as described in docs/figures.md; its texts belong to others and never enter the project.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from tempfile import gettempdir

HERE = Path(__file__).parent
# name -> arguments; what needs more than a few minutes is run by hand with its own command.
RUNS: dict[str, tuple[str, ...]] = {
    "classify": (),
    "plan": (),
    "lint": (),
    "risk": (),
    "match_organisations": (),
    "match_oracle": ("20000",),
    "group_quality": (),
    "listen_replays": (),
    "parse_feeds": (),
    "parse_known": (),
    "parse_encodings": (),
}


def main() -> None:
    data = os.environ.get("CRISIS_DATA", "")
    if not Path(data).is_dir() or not data:
        sys.stdout.write("CRISIS_DATA names no folder: nothing was measured (see docs/figures.md, “Data”).\n")
        return
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "CRISIS_FEEDS": str(_feeds(Path(data)))}
    for name in sys.argv[1:] or RUNS:
        sys.stdout.write(f"\n== {name}\n")
        sys.stdout.flush()
        extra = (environment["CRISIS_FEEDS"],) if name in ("parse_feeds", "parse_known") else RUNS.get(name, ())
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", f"tests.eval.{name}", *extra], env=environment)
        sys.stdout.write(f"({time.monotonic() - began:.0f} s, exit {done.returncode})\n")


def _feeds(data: Path) -> Path:
    """The recorded feeds, unpacked once into the machine's temporary folder."""
    folder = Path(gettempdir()) / "crisis-feeds"
    archive = data / "feeds.tar.gz"
    if archive.is_file() and not folder.is_dir():
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    return folder


if __name__ == "__main__":
    main()
