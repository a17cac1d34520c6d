"""What tests of the desk stand on: a fresh database of both kinds, the content of the house, a small world.

The schema is made once per worker process: an SQLite file that is copied, a PostgreSQL database that is emptied.
`CRISIS_TEST_POSTGRES` names the server; without one those tests are skipped with a sentence, in CI they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from crisis.content.library import Library
    from crisis.flows.desk import Desk
    from tests.world import Clock, World

SERVER = os.environ.get("CRISIS_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")


@pytest.fixture(scope="session")
def content() -> Library:
    """All content, read once."""
    from crisis.content.library import load

    return load()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with today's schema and nothing in it."""
    from crisis.store import migrate
    from crisis.store.db import open_engine

    file = tmp_path_factory.mktemp("template") / "desk.sqlite"
    engine = open_engine(f"sqlite:///{file}")
    migrate.upgrade(engine)
    with engine.connect() as connection:
        connection.commit()
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """An empty PostgreSQL database of this worker's own, dropped at the end."""
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import OperationalError

    server = create_engine(SERVER, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    name = f"crisis_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    try:
        with server.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    except OperationalError as error:
        sentence = f"no PostgreSQL server answers at {make_url(SERVER).render_as_string()}"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{sentence}: {error}")
        pytest.skip(sentence)
    try:
        url = make_url(SERVER).set(database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.dispose()


@pytest.fixture(scope="session")
def postgres_ready(postgres_address: str) -> str:
    """The worker's PostgreSQL database with today's schema. What tests write need not survive a power cut."""
    from sqlalchemy import create_engine, make_url

    from crisis.store import migrate

    engine = create_engine(postgres_address)
    migrate.upgrade(engine)
    with engine.begin() as connection:
        name = make_url(postgres_address).database
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    engine.dispose()
    return postgres_address


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address_of_module(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database that all tests of a module share: they look, and prove that nothing changes."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("module") / "desk.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    from sqlalchemy import create_engine, make_url

    template = make_url(request.getfixturevalue("postgres_ready"))
    name = f"{template.database}_{request.module.__name__.rpartition('.')[2]}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template.database}"')
    _empty(template.set(database=name).render_as_string(hide_password=False))
    try:
        yield template.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database this test runs on."""
    return str(request.param)


@pytest.fixture
def address(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database with today's schema."""
    if kind == "sqlite":
        file = tmp_path / "desk.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        return f"sqlite:///{file}"
    found = str(request.getfixturevalue("postgres_ready"))
    _empty(found)
    return found


def _empty(address: str) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    from crisis.store.schema import metadata

    engine = create_engine(address, poolclass=NullPool)
    # DELETE, because TRUNCATE writes a file anew for every table and index: a second per test.
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def clock() -> Clock:
    """The desk's clock: it stands still until a test moves it."""
    from tests.world import Clock

    return Clock()


@pytest.fixture
def make_desk(address: str, tmp_path: Path, content: Library, clock: Clock) -> Iterator[Callable[..., Desk]]:
    """Opens desks over the test's database: `make_desk(drill=True)`; closed at the end."""
    from tests.world import open_desk

    opened: list[Desk] = []

    def make(**changes: object) -> Desk:
        desk = open_desk(address, home=tmp_path, content=content, clock=clock, **changes)
        opened.append(desk)
        return desk

    yield make
    for desk in opened:
        desk.database.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """A real desk (no drill) over an empty database."""
    return make_desk()


@pytest.fixture
def world(desk: Desk, clock: Clock) -> World:
    """The small world of tests/world.py, laid out in an empty database."""
    from tests.world import lay_out

    return lay_out(desk, clock)
