"""Reflex State: vars and event handlers of the page.

Handlers call services; no I/O of their own. Layout and styles belong in ``components``.
"""
