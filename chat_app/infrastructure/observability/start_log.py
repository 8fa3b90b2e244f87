"""Startup log: the model that answers, what several workers share, and variables in ``.env`` that may be misspelt."""

import logging
from dataclasses import fields
from difflib import get_close_matches
from os import environ
from pathlib import Path
from urllib.parse import urlsplit

import reflex as rx
from dotenv import dotenv_values
from reflex_base.environment import EnvironmentVariables

from chat_app.config import Settings

logger = logging.getLogger(__name__)

_ALIKE = 0.8  # from 0 to 1, as difflib measures it


def log_start(config: Settings, model: str, file: Path = Path(".env")) -> None:
    """Log the default model, what several workers share, and misspelt variables in ``file``.

    Args:
        model: The name of the default model, which may come from its server's list.
    """
    model = "the demo model" if config.is_demo else f"{model} at {config.server_of(model).base_url or 'OpenAI'}"
    page = f"http://localhost:{environ.get('REFLEX_FRONTEND_PORT', '3000')}"
    logger.info("answers come from %s", model, extra={"fields": {"page": page}})
    if config.redis_url:
        _log_sharing(config)
    for name, known in misspelt(file).items():
        logger.warning("%s in %s is no variable of this app; %s is one", name, file, known)


def _log_sharing(config: Settings) -> None:
    workers = "1 worker" if config.web_concurrency == 1 else f"{config.web_concurrency} workers"
    redis = urlsplit(config.redis_url)
    place = redis.path if redis.scheme == "unix" else redis.netloc.rpartition("@")[2]
    fields = {"workers": config.web_concurrency, "redis": place, "database": "postgresql"}
    logger.info("%s on this machine, sharing Redis and PostgreSQL", workers, extra={"fields": fields})


def misspelt(file: Path) -> dict[str, str]:
    """Map names in ``file`` that are nearly those of variables to these variables."""
    known = [*(name.upper() for name in Settings.model_fields), *_reflex_variables()]
    unknown = [name for name in dotenv_values(file) if name.upper() not in known]
    meant = {name: get_close_matches(name.upper(), known, 1, _ALIKE) for name in unknown}
    return {name: matches[0] for name, matches in meant.items() if matches}


def _reflex_variables() -> list[str]:
    """Return the names of Reflex's own variables, which ``.env`` may have too."""
    options = [f"REFLEX_{field.name.upper()}" for field in fields(rx.Config)]
    return options + [name for name in vars(EnvironmentVariables) if name.startswith("REFLEX_")]
