"""Bring the database to the schema of this code: steps are numbered and only ever added."""

from __future__ import annotations

import warnings

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect

from crisis.store import search


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "crisis.store:migrations")
    config.attributes["connection"] = connection
    return config


def has_begun(engine: Engine) -> bool:
    """Whether a desk's tables lie in this database. Looks only."""
    return inspect(engine).has_table("alembic_version")


def upgrade(engine: Engine, *, to: str = "head") -> None:
    """Run every step that the database has not seen, up to one. Safe to call at each start, also by two processes."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # Two processes that start together: the second waits and then finds nothing to do.
            connection.exec_driver_sql("SELECT pg_advisory_lock(8620)")
            connection.commit()
        try:
            command.upgrade(_config(connection), to)
            search.create_index(connection)
            connection.commit()
        finally:
            if connection.dialect.name == "postgresql":
                connection.rollback()
                connection.exec_driver_sql("SELECT pg_advisory_unlock(8620)")
                connection.commit()


def write_step(engine: Engine, message: str, number: str) -> None:
    """Write a new step from the difference between the database and the schema (for developers)."""
    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=number)


def differences(engine: Engine) -> list[object]:
    """What the schema of the code has and the database has not, or the other way round."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from crisis.store.schema import metadata

    with engine.connect() as connection, warnings.catch_warnings():
        # SQLite does not tell which index over an expression it has; PostgreSQL does, and the tests ask both.
        warnings.filterwarnings("ignore", message=".*expression-based index")
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, parent: not str(name).startswith("search_")},
        )
        return list(compare_metadata(context, metadata))
