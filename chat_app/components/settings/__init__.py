"""Dialogs: settings, shortcuts, the visitor's data."""
