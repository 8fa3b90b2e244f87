"""``/stream``: questions, tickets, and answers as server-sent events.

Only the interface: routes, schemas, wire format. Answers run in ``services.answering``.
"""
