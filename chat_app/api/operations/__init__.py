"""Routes for operators, health and metrics, and ``/archive`` for the page's import."""
