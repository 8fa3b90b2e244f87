"""Answer logs: append-only, read from a cursor."""
