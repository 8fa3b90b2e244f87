"""The provider for servers with OpenAI's chat completions: transport, SSE, chunks, errors."""
