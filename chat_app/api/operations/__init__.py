"""Routes for operators, health and metrics, and ``/archive`` for the page's import.

Metrics are collected in ``infrastructure.observability``; archives are read in ``services.transfer``.
"""
