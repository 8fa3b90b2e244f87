"""Access control: allowed hosts and origins, API keys, tickets, trusted proxies, the visitor cookie.

Signatures, the secret key, the rate limiter and response headers are in ``infrastructure.security``.
"""
