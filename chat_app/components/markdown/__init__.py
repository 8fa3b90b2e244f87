"""Markdown of an answer: syntax, blocks that stream, code, formulas, diagrams, pictures."""
