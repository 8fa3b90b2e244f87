"""Values and rules without I/O: messages, parts, events, their fold and their JSON form, principals, errors.

Imports the standard library and pydantic, nothing of the app. Anything asynchronous belongs in ``services``.
"""
