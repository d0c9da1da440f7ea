"""Alembic's entry point: one transaction per revision, as the owner of the tables, under time-outs."""

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tandem.kernel.roles import OWNER
from tandem.kernel.schema import Base
from tandem.kernel.settings import settings
from tandem.migrations.run import MASTER_OPTION, load_rooms


def run() -> None:
    load_rooms()
    url = str(context.config.attributes[MASTER_OPTION])
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    known = settings()
    with engine.connect() as connection:
        connection.execute(text(f"set lock_timeout = '{int(known.lock_timeout_seconds * 1000)}ms'"))
        connection.execute(text(f"set statement_timeout = '{int(known.migration_statement_timeout_seconds * 1000)}ms'"))
        connection.execute(text(f"set role {OWNER}"))
        connection.commit()
        context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


run()
