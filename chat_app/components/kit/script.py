"""Functions from the ``.js`` files beside the components."""

import reflex as rx
from reflex_base.vars import VarData


def imported(module: str, function: str, expression: str = "") -> rx.Var:
    """A function of a module, or an expression that calls it.

    Args:
        module: The module's importable path.
        expression: JavaScript in which ``function`` is used.
    """
    return rx.Var(expression or function, _var_data=VarData(imports={module: function}))
