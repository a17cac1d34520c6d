"""Opening the database: SQLite as it should be (WAL, foreign keys, writers begin at once), or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError

# Whoever writes holds the turn at the log, and whoever listens the lease: all others wait for them. A process that is
# cut off or stopped in the middle of a transaction says nothing more, and PostgreSQL would wait for it as long as the
# connection counts as open, by default two hours. No transaction of ours is silent for more than seconds: nothing is
# sent and nobody is asked inside one.
PAUSES_AT_MOST = timedelta(seconds=60)


def open_engine(address: str, *, pauses_at_most: timedelta = PAUSES_AT_MOST) -> Engine:
    """An engine for an address: `sqlite:///file` or `postgresql+psycopg://...`.

    PostgreSQL ends a transaction of which nothing was heard for `pauses_at_most`. A file knows no such thing: whoever
    dies holds no lock on it.
    """
    url = make_url(address)
    if url.get_backend_name() != "sqlite":
        return _postgres(url, pauses_at_most)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 30}, pool_size=20, max_overflow=20)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: object) -> None:
        # SQLAlchemy begins transactions itself below; the driver's own deferred BEGIN would let two readers
        # turn into writers and fail as "locked" in spite of the busy timeout.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA busy_timeout = 30000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _postgres(url: URL, pauses_at_most: timedelta) -> Engine:
    engine = create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: object) -> None:
        # Outside of a transaction: one that is rolled back would take the setting with it. Not as an option of the
        # address: it may have options of its own, and some poolers let none through.
        connection.autocommit = True
        connection.execute(f"SET idle_in_transaction_session_timeout = {pauses_at_most // timedelta(milliseconds=1)}")
        connection.autocommit = False

    return engine


class Database:
    """The desk's database. `transaction()` writes, `reading()` looks; both end when the block ends."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # On PostgreSQL a page is one snapshot too, not a new one per query.
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = engine.execution_options(reading=True, **options)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One unit of work: committed at the end of the block, rolled back when it raises."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent look at the data; nothing is written."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    def ask(self) -> None:
        """Raises when the database does not answer."""
        with self.reading() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        self.engine.dispose()


def is_out_of_reach(error: Exception) -> bool:
    """Whether the error says that the database does not answer: it is stopped, full, or held by somebody else."""
    return isinstance(error, OperationalError)
