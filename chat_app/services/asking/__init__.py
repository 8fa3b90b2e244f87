"""Questions in a conversation: ask, edit, regenerate, retry and continue, and the history for the model's prompt.

The answers that they start run in ``answering``.
"""
