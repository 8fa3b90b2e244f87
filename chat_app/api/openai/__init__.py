"""OpenAI's API, ``/v1``: models and chat completions, in OpenAI's format.

This is the server's side; the client of model servers is ``infrastructure.openai``.
"""
