"""State shared by several processes, in Redis: answer logs, leases, slots, rate limits and change notifications.

Every key begins with ``chat:``; it has a time to live, a maximum length or an owner that deletes it. Lua scripts are
``.lua`` files beside the module that runs them. What is kept for good (conversations and messages) is in ``sql``.
"""
