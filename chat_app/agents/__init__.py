"""Custom agents, one file each; all modules here are imported at startup.

The decorator and its types are in ``chat_app.agent``; the configured model is no file here, but an agent as well.
"""
