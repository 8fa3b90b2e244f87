"""Answer logs (append-only, read from a cursor), leases and slots, in memory.

Stored answers are in ``sql``; log records of the program are in ``observability``.
"""
