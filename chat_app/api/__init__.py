"""The HTTP API: parse a request, call a service, translate the result. One folder for each interface.

``app.py`` puts them together. Business rules belong in ``services``, the server process in ``infrastructure.server``.
"""
