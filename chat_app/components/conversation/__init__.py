"""The messages: list, question, answer, parts, buttons under a message, notices."""
