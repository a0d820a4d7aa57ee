"""Alembic: migrations run on the connection that `store.create.upgrade` hands over, and its transaction."""

from alembic import context

from store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite alters a table by building it anew. Such a table's triggers would be dropped without a word, so there are
    # none: the search rows are written by the application.
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
