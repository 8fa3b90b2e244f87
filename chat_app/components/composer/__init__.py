"""The message box: writing, sending, dropping a file.

The editor of a message already sent is in ``components.conversation``.
"""
