"""The visitor's language, and their data: export, import, deletion."""
