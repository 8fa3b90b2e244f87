"""The provider for servers with OpenAI's chat completions: transport, SSE, chunks, errors.

This is the client's side; the OpenAI-compatible API of this server is ``api.openai``.
"""
