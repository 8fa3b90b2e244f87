"""Custom agents, one file each; all modules here are imported at startup.

The decorator and its types are in ``chat_app.agent``; the configured model is an agent too, built
in ``chat_app.wiring``.
"""
