"""Stored conversations: list, search, titles, versions, feedback, soft delete and purge, change notifications."""
