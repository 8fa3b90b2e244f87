"""Secrets, signatures, the visitor's identity, rate limits and response headers."""
