"""Where content lies: beside us in a checkout, inside us in a wheel, and in the desk's own folder."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent.parent


def builtin(shelf: str) -> Path:
    """The built-in folder of a shelf: `playbooks` or `templates`."""
    inside = _HERE / shelf
    return inside if inside.is_dir() else _HERE.parent / shelf


def stacked(shelf: str, home: Path | None = None) -> tuple[Path, ...]:
    """Folders of a shelf, built-in first; what lies in a later one replaces what has the same id."""
    folders = [builtin(shelf)]
    if home is not None and (home / shelf).is_dir():
        folders.append(home / shelf)
    return tuple(folders)
