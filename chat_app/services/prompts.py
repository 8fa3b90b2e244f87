"""What the model is told beside what people write."""

CONTINUE = "Continue exactly where your last answer ended, without repeating or explaining anything."

TITLE = """\
Write a title for the conversation below: two to six words in the language of the question, on one line, without \
quotation marks or a full stop. Reply with the title alone.

Question: {question}

Answer: {answer}"""
