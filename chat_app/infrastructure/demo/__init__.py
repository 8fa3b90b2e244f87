"""The built-in demo model: replies and simulated situations in Markdown files, one folder per language."""
