"""The server's process: options, gunicorn worker, production and development server, locks, shutdown."""
