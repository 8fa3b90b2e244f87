"""Configuration from the environment and ``.env``, typed and validated at startup.

The variable of a field is its name in upper case; ``.env.example`` lists all of them. ``.env`` and relative paths are
resolved against the working directory, which Reflex requires to be the folder of ``rxconfig.py``.
"""

import re
from functools import cache
from ipaddress import ip_network
from os import environ
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from chat_app.config_values import ensure_long, local_origins, named_keys, serialized_origin, split_commas
from chat_app.model_servers import Api, ModelServer, ensure_address, ensure_api_key, parse_titles, read_servers

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(gt=0)]

SECRET_FIELDS = {"openai_api_key", "database_url", "redis_url", "secret_key", "stream_api_keys"}
SEVERAL_WORKERS = "several workers share PostgreSQL and Redis: set DATABASE_URL=postgresql://… and REDIS_URL"
"""The requirements of several workers, for error messages."""

_ENV_FILE, _ENCODING = ".env", "utf-8-sig"
_REDIS = re.compile(
    r"rediss?://([^\s/?#@]*@)?(\[[\da-f:.]+\]|[^\s/:?#@\[\]]+)(:\d{1,5})?([/?]\S*)?|unix://\S+", re.IGNORECASE
)
_CREDENTIALS = re.compile(r"//[^/\s]*@")
_SHARED_SHUTDOWN_GRACE = 20  # seconds


class ConfigError(Exception):
    """Invalid configuration; the text names the variable and its value."""


class Settings(BaseSettings):
    """The configuration. Durations are seconds, sizes are characters unless the name says otherwise."""

    model_config = SettingsConfigDict(
        env_file=_ENV_FILE,
        env_file_encoding=_ENCODING,
        str_strip_whitespace=True,
        validate_default=False,
        extra="ignore",
        frozen=True,
    )

    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: str = ""
    openai_api: Api | None = None
    openai_model: Annotated[str, Field(min_length=1)] = "gpt-5-mini"
    openai_models: Annotated[dict[str, str], NoDecode] = {}
    providers: Annotated[list[ModelServer], NoDecode] = []
    system_prompt: str = "You are a helpful assistant. Answer in the language of the question. Use Markdown."
    max_tokens: Count | None = None

    database_url: str = "sqlite:///.data/chat.db"
    redis_url: str = Field(default="", repr=False)
    web_concurrency: Count = 1
    allowed_origins: Annotated[list[str], NoDecode] = Field(default_factory=local_origins)
    cookie_secure: bool = False
    secret_key: SecretStr = SecretStr("")
    stream_api_keys: Annotated[dict[str, SecretStr], NoDecode] = {}
    trusted_proxies: Annotated[list[str], NoDecode] = []

    max_message_chars: Count = 32_000
    max_history_messages: Count = 100
    max_history_chars: Count = 400_000
    max_answer_chars: Annotated[Count, Field(lt=10**9)] = 200_000
    max_running_answers: Count = 200
    max_running_answers_each: Count = 20
    max_running_answers_per_address: Count | None = None
    max_requests_per_minute: Count = 600
    max_requests_per_minute_each: Count = 60
    max_requests_per_minute_per_address: Count | None = None
    keys_share: Annotated[float, Field(ge=0, lt=1)] = 0.25
    max_new_visitors_per_minute: Count = 100
    max_import_chars: Count = 20_000_000
    max_upload_bytes: Count = 256_000_000

    files_url: str = ""
    max_file_bytes: Count = 20_000_000
    max_files: Count = 10
    max_files_bytes: Count = 40_000_000
    file_quota: Count = 500_000_000
    max_document_chars: Count = 200_000

    first_token_timeout: Seconds = 300
    token_gap_timeout: Seconds = 30
    answer_timeout: Seconds = 600
    answer_retention: Seconds = 300
    body_timeout: Seconds = 30
    reader_timeout: Seconds = 60
    abandoned_answer_grace: Seconds = 10
    suggest_titles: bool = True
    title_timeout: Seconds = 15
    deleted_retention: Seconds = 86_400
    shutdown_grace: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None

    log_format: Literal["text", "json"] = "text"
    demo_pace: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, values: dict[str, Any]) -> dict[str, Any]:
        # Empty means unset, except for the system prompt: empty means no prompt.
        return {name: value for name, value in values.items() if value != "" or name == "system_prompt"}

    @model_validator(mode="after")
    def _check_upload_limit(self) -> Self:
        least = max(self.max_body_bytes, self.max_archive_bytes, self.max_file_body_bytes)
        if self.max_upload_bytes < least:
            raise ValueError(f"MAX_UPLOAD_BYTES={self.max_upload_bytes}: a single upload may have {least} bytes")
        return self

    @model_validator(mode="after")
    def _check_sharing(self) -> Self:
        if self.redis_url and self.database_url.startswith("sqlite:"):
            raise ValueError(
                "REDIS_URL=(hidden): processes that share Redis share PostgreSQL as well. "
                "Set DATABASE_URL=postgresql://<host>/<database>, or leave REDIS_URL empty"
            )
        if self.web_concurrency > 1 and not self.redis_url:
            # Hosts such as Heroku set it, so the sentence has to say how to run without Redis.
            raise ValueError(
                f"WEB_CONCURRENCY={self.web_concurrency}: {SEVERAL_WORKERS}, "
                "or WEB_CONCURRENCY=1 (some hosts set it by themselves)"
            )
        return self

    @field_validator("openai_api_key")
    @classmethod
    def _check_api_key(cls, key: SecretStr) -> SecretStr:
        ensure_api_key(key.get_secret_value())
        return key

    @field_validator("openai_base_url")
    @classmethod
    def _check_base_url(cls, url: str) -> str:
        ensure_address(url)
        return url

    @field_validator("openai_models", mode="before")
    @classmethod
    def _parse_models(cls, value: object) -> object:
        return parse_titles(split_commas(value)) if isinstance(value, str) else value

    @field_validator("providers", mode="before")
    @classmethod
    def _read_providers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        in_file = {name: text for name, text in dotenv_values(_ENV_FILE, encoding=_ENCODING).items() if text}
        return read_servers(Path(value), {**in_file, **environ})

    @field_validator("secret_key")
    @classmethod
    def _check_secret_key(cls, key: SecretStr) -> SecretStr:
        ensure_long(key.get_secret_value())
        return key

    @field_validator("stream_api_keys", mode="before")
    @classmethod
    def _parse_api_keys(cls, value: object) -> object:
        return named_keys(split_commas(value)) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _check_networks(cls, proxies: list[str]) -> list[str]:
        for proxy in proxies:
            try:
                ip_network(proxy)
            except ValueError:
                raise ValueError(f"{proxy!r} is neither an address nor a network like 10.0.0.0/8") from None
        return proxies

    @field_validator("allowed_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        return split_commas(value) if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _serialize_origins(cls, origins: list[str]) -> list[str]:
        if not origins:
            raise ValueError("no origin among the commas")
        # This machine's own addresses stay allowed. That is no danger to a server on another machine: a page on a
        # visitor's localhost is another site, whose requests come without the visitor's cookie (SameSite=Lax).
        named = [serialized_origin(origin) for origin in origins]
        return list(dict.fromkeys([*named, *local_origins()]))

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, url: str) -> str:
        path = url.removeprefix("sqlite:///")
        if not url.startswith(("sqlite:///", "postgresql://", "postgres://")) or path in ("", ":memory:"):
            raise ValueError("neither sqlite:///<path of a file> nor postgresql://<host>/<database>")
        return url

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, url: str) -> str:
        if not _REDIS.fullmatch(url):
            raise ValueError("neither redis://<host>, rediss://<host> (TLS) nor unix://<path of a socket>")
        return url

    @property
    def max_body_bytes(self) -> int:
        """Bytes of the largest valid request body: JSON escapes a character in up to 12 bytes."""
        chars = self.max_message_chars + self.max_history_chars
        return 12 * chars + 100 * self.max_history_messages + 10_000

    @property
    def max_archive_bytes(self) -> int:
        """Bytes of the largest archive: UTF-8 encodes a character in up to 4 bytes."""
        return 4 * self.max_import_chars

    @property
    def data_folder(self) -> Path:
        """The folder of what is stored on this machine: that of the SQLite file, or ``.data``."""
        is_file = self.database_url.startswith("sqlite:")
        return Path(self.database_url.removeprefix("sqlite:///")).parent if is_file else Path(".data")

    @property
    def max_file_body_bytes(self) -> int:
        """Bytes of the largest upload of a file, with the headers of its form."""
        return self.max_file_bytes + 10_000

    @property
    def drain_seconds(self) -> float:
        """Seconds that running answers may go on after SIGTERM.

        0 by default without other workers: this one refuses questions meanwhile, and no other could take them.
        """
        if self.shutdown_grace is not None:
            return self.shutdown_grace
        return _SHARED_SHUTDOWN_GRACE if self.redis_url else 0

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Host names accepted in the ``Host`` header: those of the allowed origins and of ``REFLEX_API_URL``."""
        addresses = [*self.allowed_origins, environ.get("REFLEX_API_URL", "")]
        return frozenset(name for address in addresses if (name := urlsplit(address).hostname))

    @property
    def is_demo(self) -> bool:
        """True if no model is configured: the built-in demo model answers."""
        return not self.model_servers

    @property
    def model_servers(self) -> list[ModelServer]:
        """The model servers, the default one first."""
        key, url = self.openai_api_key, self.openai_base_url
        if not (key.get_secret_value() or url):
            return self.providers
        first = ModelServer(name="", base_url=url, api_key=key, api=self.openai_api, models=self.openai_models)
        return [first, *self.providers]

    @property
    def model(self) -> str:
        """The name of the default model."""
        if self.is_demo:
            return "demo"
        if "openai_model" in self.model_fields_set:
            return self.openai_model
        first = self.model_servers[0]
        name = next(iter(first.models), self.openai_model)
        return f"{first.name}/{name}" if first.name else name

    def server_of(self, model: str) -> ModelServer:
        """Return the server of the model with this name; the default one for a name without the prefix of a server."""
        servers = self.model_servers
        return next((each for each in servers if each.name and model.startswith(f"{each.name}/")), servers[0])

    @property
    def is_model_chosen(self) -> bool:
        """True if a variable names the default model. Otherwise the first one that its server lists may become it."""
        return self.is_demo or "openai_model" in self.model_fields_set or bool(self.model_servers[0].models)


def load_settings() -> Settings:
    """Read and validate the configuration.

    Raises:
        ConfigError: A variable is invalid; the text has one line for each.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(problem) for problem in error.errors())) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f".env is not a text file in UTF-8: {error.reason} at byte {error.start}") from None


@cache
def settings() -> Settings:
    """Return the configuration of this process, loaded once.

    Raises:
        ConfigError: A variable is invalid.
    """
    return load_settings()


def _explain(problem: ErrorDetails) -> str:
    if not problem["loc"]:  # it concerns several variables; the message names them
        return problem["msg"].removeprefix("Value error, ")
    field = str(problem["loc"][0])
    value = "(hidden)" if field in SECRET_FIELDS else repr(problem["input"])
    line = f"{field.upper()}={value}: {problem['msg'].removeprefix('Value error, ')}"
    return _CREDENTIALS.sub("//(hidden)@", line)
