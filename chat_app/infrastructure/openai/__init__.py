"""The provider for servers with OpenAI's API, in two dialects: chat completions and the Responses API.

This is the client's side; the OpenAI-compatible API of this server is ``api.openai``.
"""
