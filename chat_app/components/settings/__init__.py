"""Dialogs: settings, shortcuts, the visitor's data.

The visitor's choices only; the server's configuration is ``chat_app.config``.
"""
