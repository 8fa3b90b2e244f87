"""The address in the browser's address bar, which the browser knows before the server has said anything."""

import reflex as rx
from reflex_base.vars import VarData

# Its path, such as /chat/0123abcd.
PATH = rx.Var(
    "location.pathname",
    _var_type=str,
    _var_data=VarData(hooks={"const location = useLocation()": None}, imports={"react-router": "useLocation"}),
).to(str)
