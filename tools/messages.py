"""Bring the Chinese catalogue up to date: every message of pages and code, none that is gone.

Run by `make messages`. New messages get an empty translation; the test fails until somebody writes it.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent.parent
PO = HERE / "crisis" / "locale" / "zh" / "LC_MESSAGES" / "messages.po"


def extracted() -> Catalog:
    """Every message that pages and code use."""
    found = Catalog(locale="zh", project="Response Desk", version="1", charset="utf-8")
    options = {"jinja2.ext.babel_extract": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
    for folder, method in (
        (HERE / "crisis", [("**.py", "python")]),
        (HERE / "templates" / "pages", [("**.html", "jinja2.ext.babel_extract")]),
    ):
        for file, _line, message, _comments, _context in extract_from_dir(
            folder, method, {"**.html": options["jinja2.ext.babel_extract"]}, keywords={"_": None, "N_": None}
        ):
            if isinstance(message, str) and message:
                found.add(message, locations=[(f"{folder.name}/{file}", 0)])
    return found


def main() -> None:
    template = extracted()
    # A fixed date, not that of the run: a run that changes no message leaves the file as it is.
    kept = Catalog(
        locale="zh",
        charset="utf-8",
        fuzzy=False,
        project="Response Desk",
        version="1",
        creation_date=datetime(2026, 1, 1, tzinfo=UTC),
        header_comment="# Response Desk, Chinese (zh-Hans)",
    )
    known: dict[str, str] = {}
    if PO.exists():
        with open(PO, "rb") as stream:
            known = {str(item.id): str(item.string) for item in read_po(stream, locale="zh") if item.id}
    for item in template:
        if item.id:
            kept.add(item.id, known.get(str(item.id), ""))
    PO.parent.mkdir(parents=True, exist_ok=True)
    # Made whole before the file is opened: what is translated is never lost half way.
    written = BytesIO()
    write_po(written, kept, width=120, sort_output=True, omit_header=False)
    PO.write_bytes(written.getvalue())
    missing = [str(item.id) for item in kept if item.id and not item.string]
    sys.stdout.write(f"{len(list(kept)) - 1} messages, {len(missing)} without Chinese\n")
    for message in missing:
        sys.stdout.write(f"  {message}\n")


if __name__ == "__main__":
    main()
