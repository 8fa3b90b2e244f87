"""Values and rules without I/O: messages, parts, events, their fold and their JSON form, principals, errors.
Only the standard library is imported here.
"""
