"""Runs the migrations over the connection that :mod:`aggregator.store.db.migrations` hands over."""

from __future__ import annotations

from alembic import context

from aggregator.store.db.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # SQLite cannot alter much: alembic then copies tables.
    render_as_batch=connection.dialect.name == "sqlite",
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
