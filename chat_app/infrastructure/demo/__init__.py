"""The built-in demo model: replies and simulated situations in Markdown files, one folder per language.

It implements ``services.ports.Provider`` only; the page's hints at it are in ``chat_app.texts``.
"""
