"""``/v1``: OpenAI's chat completions and model list."""
