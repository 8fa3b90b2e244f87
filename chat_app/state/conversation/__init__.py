"""The conversation on the page: messages, sending, the live answer, errors.

The list of conversations is in ``state.sidebar``; rules about messages are in ``services``.
"""
