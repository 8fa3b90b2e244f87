"""Answers while they are written and read: the task that asks the model, its log, limits, saving and replay.
Questions that begin an answer are in ``asking``.
"""
