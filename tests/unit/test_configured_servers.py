"""The configuration of model servers: ``OPENAI_MODELS``, and the file that ``PROVIDERS`` names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_app.config import ConfigError, Settings, load_settings
from chat_app.model_servers import ModelServer, read_servers
from chat_app.models.listed_model import Abilities

SERVERS = """
[ollama]
base_url = "http://localhost:11434/v1"

[azure]
base_url = "https://example.openai.azure.com/openai/deployments/gpt-5"
api_version = "2025-04-01-preview"
api_key = "$AZURE_KEY"
models = ["gpt-5=GPT-5", "gpt-5-mini"]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory, with no variable of the app in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    yield tmp_path


def load(folder: Path, *, servers: str = "", **variables: str) -> Settings:
    """The settings with these variables in ``.env``, and with these servers."""
    if servers:
        (folder / "servers.toml").write_text(servers, encoding="utf-8")
        variables["PROVIDERS"] = "servers.toml"
    lines = [f"{name}='{value}'\n" for name, value in variables.items()]
    (folder / ".env").write_text("".join(lines), encoding="utf-8")
    return load_settings()


def complaint(folder: Path, *, servers: str = "", **variables: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, servers=servers, **variables)
    return str(caught.value)


class TestModels:
    def test_openai_models_has_titles_and_an_order(self, folder: Path):
        loaded = load(folder, OPENAI_API_KEY="sk-test", OPENAI_MODELS="gpt-5 = GPT-5 , o4-mini,")
        assert list(loaded.openai_models.items()) == [("gpt-5", "GPT-5"), ("o4-mini", "")]
        assert loaded.model == "gpt-5"
        assert loaded.is_model_chosen

    def test_the_default_model_may_be_another_one_than_the_first(self, folder: Path):
        loaded = load(folder, OPENAI_API_KEY="sk-test", OPENAI_MODELS="gpt-5,o4-mini", OPENAI_MODEL="o4-mini")
        assert loaded.model == "o4-mini"

    def test_without_a_configured_name_the_default_model_is_left_to_the_list(self, folder: Path):
        loaded = load(folder, OPENAI_BASE_URL="http://localhost:11434/v1")
        assert (loaded.model, loaded.is_model_chosen) == ("gpt-5-mini", False)

    @pytest.mark.parametrize("value", ["=GPT-5", "gpt-5,gpt-5=again"])
    def test_models_without_a_name_or_named_twice_are_refused(self, folder: Path, value: str):
        assert complaint(folder, OPENAI_API_KEY="sk-test", OPENAI_MODELS=value).startswith(f"OPENAI_MODELS='{value}': ")


class TestApi:
    @pytest.mark.parametrize(
        ("base_url", "has_responses"),
        [
            ("", True),
            ("https://api.openai.com/v1", True),
            ("https://eu.api.openai.com/v1/", True),
            ("https://api.openai.com.example.com/v1", False),
            ("https://notapi.openai.com/v1", False),
            ("http://localhost:11434/v1", False),
        ],
    )
    def test_openai_is_asked_through_the_responses_api_and_others_are_not(
        self, folder: Path, base_url: str, has_responses: bool
    ):
        (server,) = load(folder, OPENAI_API_KEY="sk-test", OPENAI_BASE_URL=base_url).model_servers
        assert server.has_responses == has_responses

    @pytest.mark.parametrize(("api", "has_responses"), [("chat", False), ("responses", True)])
    def test_a_variable_decides_otherwise(self, folder: Path, api: str, has_responses: bool):
        for base_url in ("", "http://localhost:1234/v1"):
            loaded = load(folder, OPENAI_API_KEY="sk-test", OPENAI_BASE_URL=base_url, OPENAI_API=api)
            assert loaded.model_servers[0].has_responses == has_responses

    def test_a_table_of_the_file_decides_for_its_server(self, folder: Path):
        servers = "[a]\nbase_url = 'http://h/v1'\napi = 'responses'\n[b]\nbase_url = 'http://h/v1'"
        loaded = load(folder, servers=servers, OPENAI_API_KEY="sk-test", OPENAI_API="chat")
        assert [each.has_responses for each in loaded.model_servers] == [False, True, False]

    @pytest.mark.parametrize(
        ("table", "abilities"),
        [
            ("base_url = 'http://h/v1'", Abilities(web_search=False)),
            (
                "base_url = 'http://h/v1'\nimages = false\nreasoning = true",
                Abilities(False, None, True, web_search=False),
            ),
            ("base_url = 'http://h/v1'\ncontext = 8192", Abilities(web_search=False, context=8192)),
            ("base_url = 'http://h/v1'\napi = 'responses'", Abilities(web_search=False)),
            ("base_url = 'http://h/v1'\napi = 'responses'\nweb_search = true", Abilities(web_search=True)),
            ("base_url = 'http://h/v1'\nweb_search = true", Abilities(web_search=False)),
            ("base_url = 'https://api.openai.com/v1'", Abilities(web_search=True)),
            ("base_url = 'https://api.openai.com/v1'\nweb_search = false", Abilities(web_search=False)),
            ("base_url = 'https://api.openai.com/v1'\napi = 'chat'", Abilities(web_search=False)),
        ],
    )
    def test_a_table_says_what_its_models_can_take(self, folder: Path, table: str, abilities: Abilities):
        (server,) = load(folder, servers=f"[a]\n{table}").model_servers
        assert server.abilities == abilities

    def test_an_unknown_api_is_refused(self, folder: Path):
        assert complaint(folder, OPENAI_API_KEY="sk-test", OPENAI_API="rest").startswith("OPENAI_API='rest': ")
        assert "a.api: " in complaint(folder, servers="[a]\nbase_url = 'http://h/v1'\napi = 'rest'")

    @pytest.mark.parametrize("context", ["0", "-1", "'long'", "1000000000"])
    def test_an_impossible_context_is_refused(self, folder: Path, context: str):
        assert "a.context: " in complaint(folder, servers=f"[a]\nbase_url = 'http://h/v1'\ncontext = {context}")


class TestFile:
    def test_each_table_of_the_file_is_a_server(self, folder: Path):
        loaded = load(folder, servers=SERVERS, AZURE_KEY="azure-secret", OPENAI_API_KEY="sk-test")
        openai, ollama, azure = loaded.model_servers
        assert (openai.name, openai.base_url, openai.api_key.get_secret_value()) == ("", "", "sk-test")
        assert (ollama.name, ollama.address, ollama.api_key.get_secret_value()) == (
            "ollama",
            "http://localhost:11434/v1",
            "",
        )
        assert azure.address.endswith("/deployments/gpt-5?api-version=2025-04-01-preview")
        assert azure.api_key.get_secret_value() == "azure-secret"
        assert azure.models == {"gpt-5": "GPT-5", "gpt-5-mini": ""}
        assert loaded.model == "gpt-5-mini"

    def test_a_key_in_the_environment_counts_before_the_env_file(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("AZURE_KEY", "from-the-environment")
        azure = load(folder, servers=SERVERS, AZURE_KEY="from-the-file").model_servers[1]
        assert azure.api_key.get_secret_value() == "from-the-environment"

    def test_a_file_of_servers_alone_replaces_the_demo_model(self, folder: Path):
        loaded = load(folder, servers=SERVERS.partition("[azure]")[0])
        assert not loaded.is_demo
        assert (loaded.model, loaded.is_model_chosen) == ("ollama/gpt-5-mini", False)

    def test_the_first_model_of_the_file_is_the_default_one(self, folder: Path):
        loaded = load(folder, servers="[azure]" + SERVERS.partition("[azure]")[2], AZURE_KEY="azure-secret")
        assert loaded.model == "azure/gpt-5"

    def test_the_repr_of_the_settings_has_no_key_of_a_server(self, folder: Path):
        loaded = load(folder, servers=SERVERS, AZURE_KEY="azure-secret")
        assert "azure-secret" not in repr(loaded)

    @pytest.mark.parametrize(
        ("servers", "problem"),
        [
            ("[", "isn't TOML"),
            ("[a b]\nbase_url = 'http://h/v1'", "isn't TOML"),
            ("['a b']\nbase_url = 'http://h/v1'", "a server's name"),
            ("ollama = 'http://h/v1'", "ollama: not a table"),
            ("[a]\nname = 'b'\nbase_url = 'http://h/v1'", "a: not a table"),
            ("[a]", "a.base_url: missing"),
            ("[a]\nbase_url = ''", "a.base_url: missing"),
            ("[a]\nbase_url = 5", "a.base_url: "),
            ("[a]\nbase_url = 'localhost'", "a.base_url: not an address"),
            ("[a]\nbase_url = 'http://h/v1'\nurl = 'x'", "a.url: "),
            ("[a]\nbase_url = 'http://h/v1'\nmodels = 'x'", "a.models: "),
            ("[a]\nbase_url = 'http://h/v1'\nmodels = [5]", "a.models: not names"),
            ("[a]\nbase_url = 'http://h/v1'\napi_version = 'a&b'", "a.api_version: not a version"),
            ("[a]\nbase_url = 'http://h/v1'\napi_key = '$NO_KEY'", "a.api_key: the variable NO_KEY isn't set"),
            ("[a]\nbase_url = 'http://h/v1'\napi_key = 'secret key'", "a.api_key: white space"),
        ],
    )
    def test_the_error_names_the_mistake_in_the_file(self, folder: Path, servers: str, problem: str):
        text = complaint(folder, servers=servers)
        assert text.startswith("PROVIDERS='servers.toml': ")
        assert problem in text
        assert "secret key" not in text

    def test_the_error_names_a_file_that_does_not_exist(self, folder: Path):
        assert (
            complaint(folder, PROVIDERS="no.toml")
            == "PROVIDERS='no.toml': the file can't be read: No such file or directory"
        )

    def test_a_file_that_is_not_utf_8_is_refused(self, folder: Path):
        (folder / "servers.toml").write_bytes(b"\xff\xfe")
        assert "isn't UTF-8" in complaint(folder, PROVIDERS="servers.toml")

    def test_a_byte_order_mark_in_the_file_is_ignored(self, tmp_path: Path):
        (tmp_path / "a.toml").write_text("\ufeff[a]\nbase_url = 'http://h/v1'", encoding="utf-8")
        assert read_servers(tmp_path / "a.toml", {}) == [ModelServer(name="a", base_url="http://h/v1")]
