"""Model servers with OpenAI's API: the one of ``OPENAI_BASE_URL``, and those in the file that ``PROVIDERS`` names.

Each table of the file is a server:

    [ollama]
    base_url = "http://localhost:11434/v1"

    [openrouter]
    base_url = "https://openrouter.ai/api/v1"
    api_key = "$OPENROUTER_KEY"
    models = ["openai/gpt-5-mini=GPT-5 mini", "mistralai/mistral-large"]
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from chat_app.models.listed_model import Abilities

_ADDRESS = re.compile(r"https?://(\[[\da-f:.]+\]|[^\s/:?#@\[\]]+)(:\d{1,5})?([/?#]\S*)?", re.IGNORECASE)

_NAME = re.compile("[a-z0-9][a-z0-9_-]{0,31}", re.IGNORECASE)
_VERSION = re.compile(r"[\w.-]+")
_KEY = re.compile("[!-~]+")
_MAX_BYTES = 1_000_000


Api = Literal["chat", "responses"]
"""Chat completions or the Responses API."""


class ModelServer(BaseModel):
    """A model server.

    Attributes:
        name: Prefix of its models' names, as in ``ollama/llama3.2``; empty for the server of ``OPENAI_BASE_URL``.
        base_url: Base URL of the API, including ``/v1``; empty for OpenAI.
        api_key: Empty if the server needs none.
        api: The API that is used; ``None`` for the Responses API at OpenAI's own address, chat completions elsewhere.
        api_version: Azure's ``api-version``.
        images, tools, reasoning, web_search: What its models can take; ``None`` for what its list says.
        context: The length of their context, in tokens; ``None`` for what its list says.
        models: Titles of the models to offer, by name and in order; an empty title stands for the name. If empty, all
            chat models that the server lists are offered.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str
    base_url: str
    api_key: SecretStr = SecretStr("")
    api: Api | None = None
    api_version: str = ""
    images: bool | None = None
    tools: bool | None = None
    reasoning: bool | None = None
    web_search: bool | None = None
    context: int | None = Field(default=None, gt=0, lt=10**9)
    models: dict[str, str] = {}

    @field_validator("base_url")
    @classmethod
    def _check_base_url(cls, url: str) -> str:
        if url:
            ensure_address(url)
        return url

    @field_validator("api_version")
    @classmethod
    def _check_version(cls, version: str) -> str:
        if version and not _VERSION.fullmatch(version):
            raise ValueError("not a version like 2025-04-01-preview")
        return version

    @field_validator("api_key")
    @classmethod
    def _check_api_key(cls, key: SecretStr) -> SecretStr:
        if value := key.get_secret_value():
            ensure_api_key(value)
        return key

    @field_validator("models", mode="before")
    @classmethod
    def _parse_models(cls, models: object) -> object:
        return parse_titles(models) if isinstance(models, list) else models

    @property
    def has_responses(self) -> bool:
        """Whether the server is asked through the Responses API."""
        return self.api == "responses" if self.api else self._is_openai

    @property
    def abilities(self) -> Abilities:
        """What all its models can take."""
        # Through the Responses API, OpenAI searches the web for its models.
        searches = self._is_openai if self.web_search is None else self.web_search
        return Abilities(
            self.images,
            self.tools,
            self.reasoning,
            web_search=self.has_responses and searches,
            context=self.context,
        )

    @property
    def _is_openai(self) -> bool:
        host = urlsplit(self.base_url or "https://api.openai.com").hostname or ""
        return host == "api.openai.com" or host.endswith(".api.openai.com")  # us., eu.

    @property
    def address(self) -> str:
        """The base URL, with ``api-version`` in its query if there is one."""
        if not self.api_version:
            return self.base_url
        return f"{self.base_url}{'&' if '?' in self.base_url else '?'}api-version={self.api_version}"


def ensure_address(url: str) -> None:
    """Check the base URL of a server.

    Raises:
        ValueError: It isn't an HTTP address.
    """
    if not _ADDRESS.fullmatch(url):
        raise ValueError("not an address like http://localhost:11434/v1")


def ensure_api_key(key: str) -> None:
    """Check the characters of a key.

    Raises:
        ValueError: The key is empty, or has characters that a header can't have.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("white space, or other characters than a key can have; without a key, leave it empty")


def parse_titles(models: Sequence[object]) -> dict[str, str]:
    """Parse names of models with their titles: ``gpt-5-mini=GPT-5 mini``, or the name alone.

    Raises:
        ValueError: An entry isn't a string, has no name, or repeats a name.
    """
    found: dict[str, str] = {}
    for model in models:
        name, _, title = model.partition("=") if isinstance(model, str) else ("", "", "")
        if not name.strip():
            raise ValueError("not names of models, or name=title")
        if name.strip() in found:
            raise ValueError(f"the model {name.strip()!r} is there twice")
        found[name.strip()] = title.strip()
    return found


def read_servers(file: Path, variables: Mapping[str, str]) -> list[ModelServer]:
    """Read the servers in a TOML file, one table each.

    Args:
        variables: The values of ``$NAME`` in ``api_key``.

    Raises:
        ValueError: The file can't be read or is invalid; the error's text contains no key.
    """
    try:
        with file.open("rb") as opened:
            tables = tomllib.loads(opened.read(_MAX_BYTES).decode("utf-8-sig"))
    except OSError as error:
        raise ValueError(f"the file can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"the file isn't UTF-8: {error.reason} at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the file isn't TOML: {error}") from None
    return [_server(name, table, variables) for name, table in tables.items()]


def _server(name: str, table: object, variables: Mapping[str, str]) -> ModelServer:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r}: a server's name has letters, digits, - and _")
    if not isinstance(table, dict) or "name" in table:
        raise ValueError(f"{name}: not a table like [{name}] with base_url")
    key = table.get("api_key")
    if isinstance(key, str) and key.startswith("$"):
        if not (value := variables.get(key[1:])):
            raise ValueError(f"{name}.api_key: the variable {key[1:]} isn't set")
        table = {**table, "api_key": value}
    if not table.get("base_url"):
        raise ValueError(f"{name}.base_url: missing")
    try:
        return ModelServer.model_validate({**table, "name": name})
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        field = ".".join((name, *map(str, problem["loc"])))
        raise ValueError(f"{field}: {problem['msg'].removeprefix('Value error, ')}") from None
