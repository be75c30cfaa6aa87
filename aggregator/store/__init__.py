"""The database: feeds, pages, stories and outputs, with SQLAlchemy Core over SQLite and PostgreSQL."""
