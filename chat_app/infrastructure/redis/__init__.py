"""What several workers share, in Redis: logs of answers, leases, slots, rate limits and change notifications.

Every key begins with ``chat:`` and has a time to live or an owner that deletes it. Lua scripts are ``.lua`` files
beside the module that runs them. What is kept for good (conversations and messages) is in ``sql``.
"""
