"""The messages: list, question, answer, parts, buttons below a message, notices.

The message box is in ``composer``, the text of an answer in ``markdown``.
"""
