import os

os.environ.setdefault("REFLEX_USE_NPM", "1")

import reflex as rx

config = rx.Config(app_name="reflex_chat", telemetry_enabled=False, show_built_with_reflex=False)
