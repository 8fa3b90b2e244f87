"""Brings a database's tables to what ``sql_tables`` says, with Alembic.

After changing ``sql_tables``, write the next step with

    python -m chat_app.infrastructure.sql.migrations "what changes"

and read it before you commit it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

_ADVISORY_LOCK = 0x63686174  # any number, the same in every process


def upgrade(connection: Connection) -> None:
    """Take all steps that the database lacks, or none. Processes that start at once wait for each other."""
    with _alone(connection):
        command.upgrade(_config(connection), "head")


def write_revision(description: str) -> None:
    """Write the step from the newest one to what ``sql_tables`` says now, as a file in ``versions/``."""
    with create_engine("sqlite://").connect() as connection:
        upgrade(connection)
        config = _config(connection)
        number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
        command.revision(config, description, autogenerate=True, rev_id=f"{number:04}")


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "chat_app.infrastructure.sql:migrations")
    return config


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """A transaction that no other process has at the same time."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        yield
        connection.commit()
    else:
        # SQLite changes a table by building a new one, and dropping the old one would delete what refers to it.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
