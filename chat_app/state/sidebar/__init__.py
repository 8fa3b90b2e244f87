"""The sidebar: list of conversations, their menu, search.

The open conversation is in ``state.conversation``.
"""
