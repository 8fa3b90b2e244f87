"""The sidebar: list of conversations, its buttons and menu, search.

The open conversation, its header included, is in ``components.conversation``.
"""
