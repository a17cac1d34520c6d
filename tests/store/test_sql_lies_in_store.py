"""SQL lies in crisis/store: whoever asks the database from elsewhere would pass by visibility and by the turn."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import crisis

HOUSE = Path(crisis.__file__).parent
# What a flow needs to hand a transaction on. `make_url` and the error are for the command that opens the database.
MAY = {"flows": {"Connection"}, "web": {"Connection"}, "jobs": {"Connection"}, "channels": set[str]()}
MAY["cli"] = {"make_url", "SQLAlchemyError"}
ASKS = {"execute", "exec_driver_sql", "scalar_one", "scalars"}


def breaches(tree: ast.AST, may: set[str]) -> Iterator[str]:
    """What in a module is SQL: names taken from SQLAlchemy beyond those it may take, and questions to a connection."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sqlalchemy":
            yield from (f"{node.lineno}: {alias.name}" for alias in node.names if alias.name not in may)
        elif isinstance(node, ast.Import):
            yield from (f"{node.lineno}: {a.name}" for a in node.names if a.name.partition(".")[0] == "sqlalchemy")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKS:
            yield f"{node.lineno}: .{node.func.attr}()"


@pytest.mark.parametrize("layer", sorted(MAY))
def test_a_layer_above_store_writes_no_sql(layer: str) -> None:
    files = sorted((HOUSE / layer).rglob("*.py"))
    found = {
        f"{file.relative_to(HOUSE)}:{breach}"
        for file in files
        for breach in breaches(ast.parse(file.read_text(encoding="utf-8")), MAY[layer])
    }

    assert files and found == set()


def test_a_select_in_a_flow_would_be_seen() -> None:
    written = "from sqlalchemy import Connection, select\ndb.execute(select(1)).scalar_one()\n"

    assert list(breaches(ast.parse(written), {"Connection"})) == ["1: select", "2: .scalar_one()", "2: .execute()"]
