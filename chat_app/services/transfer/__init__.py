"""Archives: export to JSON and Markdown, and import.

Formats and rules only: the upload is in ``api.operations``, the download in ``state``.
"""
