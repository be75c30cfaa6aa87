"""What do we know? SQLAlchemy Core over SQLite and PostgreSQL."""
