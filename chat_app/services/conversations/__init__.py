"""Stored conversations: list, titles, versions, search excerpts, ratings, deletion and change notifications."""
