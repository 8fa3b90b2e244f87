"""The conversation on the page: messages, sending, the live answer, errors."""
