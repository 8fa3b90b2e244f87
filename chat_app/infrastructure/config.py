"""All configuration: read from the environment and ``.env``, typed, checked once at start.

A field's upper-cased name is its variable. ``.env.example`` lists every one.
"""

from functools import cache
from os import environ
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]

SECRET_FIELDS = {"openai_api_key", "database_url"}


class ConfigError(Exception):
    """A variable has a value that can't be used; the text names both."""


def _own_origins() -> list[str]:
    """The addresses the page itself has on this machine; Reflex puts its ports into the environment."""
    ports = {environ.get("REFLEX_FRONTEND_PORT", "3000"), environ.get("REFLEX_BACKEND_PORT", "8000")}
    return [f"http://{host}:{port}" for port in sorted(ports) for host in ("localhost", "127.0.0.1")]


class Settings(BaseSettings):
    """The configuration. Durations are seconds, sizes are characters unless the name says otherwise."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    openai_model: str = "gpt-5-mini"
    system_prompt: str = "You are a helpful assistant. Answer in the language of the question. Use Markdown."
    max_tokens: Count | None = None

    database_url: str = "sqlite:///.data/chat.db"
    allowed_origins: Annotated[list[str], NoDecode] = Field(default_factory=_own_origins)
    cookie_secure: bool = False

    max_message_chars: Count = 32_000
    max_history_messages: Count = 100
    max_history_chars: Count = 400_000
    max_answer_chars: Count = 200_000
    max_running_answers: Count = 200

    first_token_timeout: Seconds = 60
    token_gap_timeout: Seconds = 30
    answer_timeout: Seconds = 600
    answer_retention: Seconds = 300
    abandoned_answer_grace: Seconds = 10

    demo_pace: Annotated[float, Field(ge=0)] = 1.0

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            [part.strip().rstrip("/") for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("allowed_origins")
    @classmethod
    def _exact(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            scheme, _, host = origin.partition("://")
            if scheme not in ("http", "https") or not host or set(host) & set("/*? "):
                raise ValueError(f"{origin!r} is not an origin like https://chat.example.com")
        return origins

    @field_validator("database_url")
    @classmethod
    def _supported(cls, url: str) -> str:
        path = url.removeprefix("sqlite:///")
        if not url.startswith(("sqlite:///", "postgresql://", "postgres://")) or path in ("", ":memory:"):
            raise ValueError("neither sqlite:///<path of a file> nor postgresql://<user>:<password>@<host>/<database>")
        return url

    @property
    def is_demo(self) -> bool:
        """Whether no model is configured, so that the built-in one answers."""
        return not (self.openai_api_key.get_secret_value() or self.openai_base_url)


def load_settings() -> Settings:
    """Read and check the configuration.

    Raises:
        ConfigError: With one line for each variable that can't be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(problem) for problem in error.errors())) from None


def _explain(problem: ErrorDetails) -> str:
    field = str(problem["loc"][0])
    value = "(hidden)" if field in SECRET_FIELDS else repr(problem["input"])
    return f"{field.upper()}={value}: {problem['msg']}"


@cache
def settings() -> Settings:
    """The one configuration of this process.

    Raises:
        ConfigError: As ``load_settings``.
    """
    return load_settings()
