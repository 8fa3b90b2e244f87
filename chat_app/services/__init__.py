"""Business logic over ports. One folder for each use case: answering, asking, conversations, transfer.

No HTTP, SQL or Reflex: those are in ``api``, ``infrastructure`` and ``state``.
"""
