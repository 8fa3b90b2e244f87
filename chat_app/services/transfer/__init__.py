"""Archives: export to JSON and Markdown, and import."""
