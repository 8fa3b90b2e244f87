"""Schema migrations, with Alembic.

After a change in ``sql/tables.py``, write the next migration with

    python -m chat_app.infrastructure.sql.migrations "what changes"

and read it before you commit it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

_ADVISORY_LOCK = 0x63686174  # any number


def upgrade(connection: Connection) -> None:
    """Run all missing migrations in one transaction. Processes that start at once wait for each other."""
    with _exclusive_transaction(connection):
        command.upgrade(_config(connection), "head")


def write_revision(description: str) -> None:
    """Write the migration from the newest one to ``sql/tables.py``, as a file in ``versions/``."""
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
def _exclusive_transaction(connection: Connection) -> Iterator[None]:
    """Run a transaction while no other process can begin one."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        yield
        connection.commit()
    else:
        # SQLite changes a table by building a new one; dropping the old one would delete rows that refer to it.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
