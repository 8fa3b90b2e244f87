"""A chat application: Reflex pages and an HTTP API over the same answers.

``chat_app.py`` is the entry point, ``wiring.py`` the composition root. Imports go down the layers in ``.importlinter``
"""
