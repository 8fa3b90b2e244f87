"""Questions: asking, editing, regenerating and continuing in a conversation, and the history that goes to the model."""
