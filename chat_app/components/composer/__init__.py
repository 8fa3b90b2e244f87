"""The message box: writing, sending, dropping a file."""
