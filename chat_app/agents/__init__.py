"""A team's own agents, one file each: every module here is imported at the start. ``chat_app.agent`` says how."""
