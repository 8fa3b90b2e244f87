"""The process: HTTP server, gunicorn worker, production start, development server, shutdown."""
