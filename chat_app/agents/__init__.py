"""Custom agents, one file each; all modules here are imported at startup. See ``chat_app.agent``."""
