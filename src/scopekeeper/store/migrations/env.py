"""Alembic's entrance: the migrations run on the connection that they are given, in its transaction."""

from alembic import context

from scopekeeper.store.tables import schema

context.configure(connection=context.config.attributes["connection"], target_metadata=schema, render_as_batch=True)
context.run_migrations()
