"""Secrets, signatures, the visitor's identity, rate limits and response headers.

The decision whether a request is admitted belongs in ``api.security``.
"""
