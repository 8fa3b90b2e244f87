"""Functions that return ``rx.Component``. No logic; JavaScript stands in ``.js`` files beside its component."""
