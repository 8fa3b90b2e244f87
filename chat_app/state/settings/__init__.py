"""The page's language, and the visitor's data: export, import, deletion."""
