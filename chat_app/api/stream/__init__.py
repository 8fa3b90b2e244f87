"""``/stream``: questions, tickets, and answers as server-sent events."""
