"""Runs the history of the tables on the connection that ``grants.model.migrate`` gives."""

from alembic import context

from grants.model import Base
from grants.model.migrate import ours

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_object=ours,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
