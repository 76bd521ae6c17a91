"""Tell Alembic which connection to use and where it remembers what has run."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table_schema="soquy", transaction_per_migration=False)
context.run_migrations()
