"""OpenAI's API, ``/v1``: models and chat completions."""
