"""Routes for operators and the page's import: health, metrics, ``/archive``."""
