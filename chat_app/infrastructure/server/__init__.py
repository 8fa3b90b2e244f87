"""The server process: options, gunicorn worker, production and development server, locks, shutdown.

Routes and middleware are in ``api``; replaced parts of Reflex, uvicorn and gunicorn are in ``compat``.
"""
