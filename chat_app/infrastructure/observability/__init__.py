"""Logs, metrics and the startup summary.

Logs of answers are in ``infrastructure.log``; health checks are in ``services.answering.readiness``.
"""
