"""Functions that return ``rx.Component``, with JavaScript in ``.js`` files beside its component.

No logic: vars and event handlers are in ``state``, sentences in ``texts``, colours in ``assets/theme.css``.
"""
