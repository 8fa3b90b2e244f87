"""``/stream``: questions, tickets, and answers as Server-Sent Events."""
