"""The page's language, and the visitor's data: export, import, deletion.

The theme is Reflex's own; the server's configuration is ``chat_app.config``.
"""
