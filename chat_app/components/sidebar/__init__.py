"""The list of conversations, its buttons and menu, and search."""
