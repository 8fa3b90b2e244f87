"""Adapters: implementations of the ports, and the server around the app. One folder for each outside system.

Business rules belong in ``services``, routes in ``api``.
"""
