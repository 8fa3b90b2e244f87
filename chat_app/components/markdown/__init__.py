"""Markdown of an answer: syntax, blocks that stream, code, formulas, diagrams, pictures.

It renders a text; the message around the text is in ``components.conversation``.
"""
