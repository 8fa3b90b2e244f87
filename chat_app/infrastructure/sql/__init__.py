"""Storage in SQLite or PostgreSQL: tables, queries, migrations.

It implements ``services.ports.Store``; rules about conversations belong in ``services``.
"""
