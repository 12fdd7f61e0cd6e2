"""How alembic meets the database: on the connection it is handed, or on the one that -x url=… names."""

from alembic import context
from sqlalchemy import Connection, create_engine

from triage.store.encrypted import Encrypted, UtcDateTime
from triage.store.tables import metadata


def in_plain_types(kind: str, item: object, _: object) -> str | bool:
    """A migration names the database's own types, so that it means the same for ever."""
    if kind == "type" and isinstance(item, Encrypted):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=in_plain_types,
    )
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    migrate(connection)
else:
    with create_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as opened:
        migrate(opened)
