"""Stored conversations: list, search, titles, versions, feedback, soft delete and purge, change notifications.

New messages are added by ``asking``; files of conversations are in ``transfer``.
"""
