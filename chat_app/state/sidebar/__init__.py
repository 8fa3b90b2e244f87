"""The list of conversations, its menu, and search."""
