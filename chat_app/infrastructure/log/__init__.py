"""Answer logs (append-only, read from a cursor) and leases, in memory.

Stored answers are in ``sql``; log records of the program are in ``observability``.
"""
