"""Request bodies, responses and errors in HTTP, shared by all routes."""
