"""Running and ended answers: the task that asks the model, limits, write-behind, replay and readiness.

The questions that start an answer, and the prompt's history, are in ``asking``.
"""
