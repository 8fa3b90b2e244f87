"""The sidebar: list of conversations, their menu, search."""
