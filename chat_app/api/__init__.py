"""The HTTP API: parse a request, call a service, write the response. A folder is one interface.

``app.py`` mounts all of them.
"""
