"""Logs, metrics and the start-up summary."""
