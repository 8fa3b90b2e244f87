"""HTTP parts shared by all interfaces: route classes, request bodies, error responses.

Routes and formats of a single interface belong in its own folder, credentials in ``api.security``.
"""
