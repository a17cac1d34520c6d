"""A released statement as a file in the desk's own folder: `released/release-<id>.<lang>.txt`."""

from __future__ import annotations

import os
from pathlib import Path

from crisis.channels.message import Message, Receipt


def write(folder: Path, message: Message, *, mark: str) -> Receipt:
    """The receipt names the file. The name comes from the message, so a second try writes the same file.

    `mark` stands on top of a drill's file; the approved bytes follow unchanged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{message.id}.{message.lang}.txt"
    body = (f"{mark}\n\n" if message.drill else "") + f"{message.title}\n\n{message.text}"
    # Written beside and renamed: a reader never sees half a statement.
    beside = file.with_suffix(".part")
    with open(beside, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(body)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(beside, file)
    return Receipt(reference=file.name, details={"bytes": len(body.encode()), "sha256_approved": message.hash})
