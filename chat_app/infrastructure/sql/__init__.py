"""Storage in SQLite or PostgreSQL: tables, queries, migrations."""
