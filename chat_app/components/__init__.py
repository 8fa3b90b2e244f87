"""Functions that return ``rx.Component``, with JavaScript in ``.js`` files beside its component.

No logic: vars and event handlers are in ``state``, sentences in ``texts``, colours in ``assets/theme.css``.
"""

from chat_app.compat.reflex import speed_up_assets

speed_up_assets()  # before the first module of a component calls rx.asset
