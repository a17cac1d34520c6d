"""What Alembic runs: our metadata on the connection that `crisis.store.migrate` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from crisis.store.schema import metadata
from crisis.store.types import Code, Json, UtcDateTime


def _render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """How our column types are written into a new step: by storage, without the shapes of today's code."""
    if kind == "type":
        if isinstance(item, Json):
            autogen.imports.add("from crisis.store.types import Json, UtcDateTime")
            return "Json(object)"
        if isinstance(item, UtcDateTime):
            autogen.imports.add("from crisis.store.types import Json, UtcDateTime")
            return "UtcDateTime()"
        if isinstance(item, Code):
            return "sa.String(40)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_render,
    compare_type=False,
    # The full-text index is made and kept by crisis.store.search.
    include_name=lambda name, kind, parent: not (kind == "table" and str(name).startswith("search_")),
)
with context.begin_transaction():
    context.run_migrations()
