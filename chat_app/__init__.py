"""A chat application: Reflex pages and an HTTP API over the same answers. ``chat_app.py`` is the entry."""
