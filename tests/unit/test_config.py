"""Validation of the configuration; errors name the variable."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_app.config import ConfigError, Settings, load_settings, settings

ROOT = Path(__file__).parents[2]
VARIABLES = {name.upper() for name in Settings.model_fields}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory, with no variable of the app in the environment."""
    monkeypatch.chdir(tmp_path)
    for variable in (*VARIABLES, "REFLEX_FRONTEND_PORT", "REFLEX_BACKEND_PORT", "REFLEX_API_URL"):
        monkeypatch.delenv(variable, raising=False)
    yield tmp_path
    settings.cache_clear()


def load(folder: Path, **variables: str) -> Settings:
    """The settings with these variables in ``.env``."""
    lines = [f"{name}='{value}'\n" for name, value in variables.items()]
    (folder / ".env").write_text("".join(lines), encoding="utf-8")
    return load_settings()


def complaint(folder: Path, **variables: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, **variables)
    # Nothing else shows the values, not even a traceback.
    assert caught.value.__suppress_context__
    return str(caught.value)


class TestExample:
    def test_the_example_file_lists_every_variable_with_its_default(self, folder: Path):
        example = (ROOT / ".env.example").read_text(encoding="utf-8")
        lines = re.findall(r"^#([A-Z_]+)=(.*)$", example, re.MULTILINE)
        assert {name for name, _ in lines} == VARIABLES
        assert len(lines) == len(VARIABLES)
        (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines), encoding="utf-8")
        configured = load_settings()
        (folder / ".env").unlink()
        assert configured == load_settings()

    def test_the_example_file_changes_nothing_as_it_is(self, folder: Path):
        example = (ROOT / ".env.example").read_text(encoding="utf-8")
        assert not re.search(r"^[^#\n]", example, re.MULTILINE)

    def test_the_example_file_explains_each_variable_in_a_line_above(self):
        lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
        variables = [index for index, line in enumerate(lines) if re.match("#[A-Z_]+=", line)]
        assert [lines[index] for index in variables if not lines[index - 1].startswith("# ")] == []


class TestSources:
    def test_nothing_has_to_be_configured(self):
        assert load_settings().is_demo

    def test_the_env_file_is_read_from_the_folder_the_app_is_started_in(self, folder: Path):
        assert load(folder, OPENAI_MODEL="llama3.2").openai_model == "llama3.2"

    def test_the_environment_counts_before_the_env_file(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("OPENAI_MODEL", "from-the-environment")
        assert load(folder, OPENAI_MODEL="from-the-file").openai_model == "from-the-environment"

    def test_an_empty_variable_counts_as_unset(self, folder: Path):
        assert load(folder, **dict.fromkeys(VARIABLES - {"SYSTEM_PROMPT"}, "")) == load(folder)

    def test_an_empty_prompt_is_no_prompt(self, folder: Path):
        assert load(folder, SYSTEM_PROMPT="").system_prompt == ""

    def test_space_around_a_value_is_ignored(self, folder: Path):
        loaded = load(folder, OPENAI_API_KEY=" sk-test\n", OPENAI_BASE_URL=" http://localhost/v1 ", MAX_TOKENS=" 5 ")
        assert loaded.openai_api_key.get_secret_value() == "sk-test"
        assert (loaded.openai_base_url, loaded.max_tokens) == ("http://localhost/v1", 5)

    def test_variables_of_other_programs_are_ignored(self, folder: Path):
        assert load(folder, REFLEX_BACKEND_HOST="0.0.0.0", EDITOR="vi") == load(folder)

    def test_a_byte_order_mark_as_windows_writes_it_is_no_part_of_the_first_name(self, folder: Path):
        (folder / ".env").write_bytes("OPENAI_MODEL=llama3.2\n".encode("utf-8-sig"))
        assert load_settings().openai_model == "llama3.2"

    @pytest.mark.parametrize(
        "line", ["OPENAI_MODEL=llama3.2\r\n", 'OPENAI_MODEL="llama3.2"\n', "OPENAI_MODEL='llama3.2'\n"]
    )
    def test_windows_line_ends_and_quotes_are_no_part_of_a_value(self, folder: Path, line: str):
        (folder / ".env").write_bytes(f"{line}MAX_TOKENS=5\r\n".encode())
        assert (load_settings().openai_model, load_settings().max_tokens) == ("llama3.2", 5)

    def test_a_file_in_utf_16_as_powershell_writes_it_is_named(self, folder: Path):
        (folder / ".env").write_bytes("OPENAI_MODEL=llama3.2\n".encode("utf-16"))
        with pytest.raises(ConfigError, match=r"^\.env .*UTF-8"):
            load_settings()

    def test_a_process_has_one_configuration(self):
        assert settings() is settings()


class TestModel:
    @pytest.mark.parametrize("variable", [{"OPENAI_API_KEY": "sk-test"}, {"OPENAI_BASE_URL": "http://localhost/v1"}])
    def test_a_key_or_an_address_is_enough_for_a_model(self, folder: Path, variable: dict[str, str]):
        assert not load(folder, **variable).is_demo

    @pytest.mark.parametrize("key", [" ", "\t\n", "sk test", "sk-\u200btest", "ключ"])
    def test_a_key_that_can_not_be_sent_is_refused_and_not_shown(self, folder: Path, key: str):
        text = complaint(folder, OPENAI_API_KEY=key)
        assert text.startswith("OPENAI_API_KEY=(hidden): ")
        assert not key.strip() or key not in text

    @pytest.mark.parametrize(
        "url",
        [
            "https://api.openai.com/v1",
            "http://localhost:11434/v1/",
            "HTTP://LOCALHOST/v1",
            "http://[::1]:8000/v1",
            "http://192.168.0.1",
            "https://모델.example.com/v1?api-version=1",
        ],
    )
    def test_a_models_address_is_taken_as_it_is(self, folder: Path, url: str):
        assert load(folder, OPENAI_BASE_URL=url).openai_base_url == url

    @pytest.mark.parametrize(
        "url",
        [
            "foo",
            "localhost:11434/v1",
            "//localhost/v1",
            "ftp://localhost/v1",
            "http://",
            "http:///v1",
            "http://:8000/v1",
            "http://localhost:port/v1",
            "http://local host/v1",
            "http://[::1/v1",
        ],
    )
    def test_an_invalid_address_is_refused_with_an_example(self, folder: Path, url: str):
        text = complaint(folder, OPENAI_BASE_URL=url)
        assert text == f"OPENAI_BASE_URL={url!r}: not an address like http://localhost:11434/v1"

    @pytest.mark.parametrize("variable", ["OPENAI_BASE_URL", "ALLOWED_ORIGINS"])
    def test_a_password_in_an_address_is_not_shown(self, folder: Path, variable: str):
        text = complaint(folder, **{variable: "https://ann:hunt@er2@example.com"})
        assert "(hidden)@example.com" in text
        assert "er2" not in text

    def test_a_blank_model_name_is_refused(self, folder: Path):
        assert complaint(folder, OPENAI_MODEL=" ").startswith("OPENAI_MODEL=' ': ")


class TestNumbers:
    @pytest.mark.parametrize(
        ("variable", "value", "problem"),
        [
            ("MAX_TOKENS", "abc", "valid integer"),
            ("MAX_TOKENS", "1.5", "valid integer"),
            ("MAX_TOKENS", "0", "greater than 0"),
            ("MAX_HISTORY_MESSAGES", "-1", "greater than 0"),
            ("MAX_ANSWER_CHARS", "1000000000", "less than 1000000000"),
            ("ANSWER_TIMEOUT", "0", "greater than 0"),
            ("ANSWER_TIMEOUT", "10s", "valid number"),
            ("ANSWER_TIMEOUT", "inf", "finite"),
            ("TOKEN_GAP_TIMEOUT", "nan", "finite"),
            ("DEMO_PACE", "-1", "greater than or equal to 0"),
            ("KEYS_SHARE", "1", "less than 1"),
            ("WEB_CONCURRENCY", "0", "greater than 0"),
            ("SHUTDOWN_GRACE", "-1", "greater than or equal to 0"),
            ("KEYS_SHARE", "-0.1", "greater than or equal to 0"),
            ("MAX_RUNNING_ANSWERS_PER_ADDRESS", "0", "greater than 0"),
            ("COOKIE_SECURE", "maybe", "valid boolean"),
        ],
    )
    def test_an_invalid_number_is_named_with_its_value(self, folder: Path, variable: str, value: str, problem: str):
        text = complaint(folder, **{variable: value})
        assert text.startswith(f"{variable}={value!r}: ")
        assert problem in text

    def test_each_invalid_variable_gets_a_line(self, folder: Path):
        text = complaint(folder, MAX_TOKENS="abc", OPENAI_BASE_URL="foo", DATABASE_URL="mysql://ann:hunter2@h/db")
        assert sorted(line.split("=")[0] for line in text.splitlines()) == [
            "DATABASE_URL",
            "MAX_TOKENS",
            "OPENAI_BASE_URL",
        ]
        assert "hunter2" not in text

    def test_an_invalid_database_url_is_refused_with_all_valid_forms(self, folder: Path):
        assert complaint(folder, DATABASE_URL="chat.db").endswith("nor postgresql://<host>/<database>")


class TestSeveralWorkers:
    POSTGRESQL = "postgresql://ann:hunter2@db/chat"

    @pytest.mark.parametrize(
        "url",
        [
            "redis://localhost",
            "redis://localhost:6379/1",
            "rediss://ann:hunt%40er2@redis.example.com:6380?ssl_cert_reqs=required",
            "redis://:hunter2@[::1]:6379",
            "unix:///run/redis/redis.sock?db=1",
        ],
    )
    def test_redis_and_postgresql_allow_several_workers(self, folder: Path, url: str):
        loaded = load(folder, DATABASE_URL=self.POSTGRESQL, REDIS_URL=url, WEB_CONCURRENCY="4")
        assert (loaded.redis_url, loaded.web_concurrency) == (url, 4)

    @pytest.mark.parametrize(
        "url",
        [
            "localhost:6379",
            "http://localhost",
            "redis://",
            "redis://:6379",
            "redis://host:port",
            "redis://:a#b@host",
            "redis://:a?b@host",
            "unix://",
        ],
    )
    def test_an_invalid_redis_url_is_refused_with_all_valid_forms(self, folder: Path, url: str):
        assert complaint(folder, DATABASE_URL=self.POSTGRESQL, REDIS_URL=url) == (
            "REDIS_URL=(hidden): neither redis://<host>, rediss://<host> (TLS) nor unix://<path of a socket>"
        )

    def test_the_password_of_redis_is_not_printed(self, folder: Path):
        loaded = load(folder, DATABASE_URL=self.POSTGRESQL, REDIS_URL="redis://:another-secret@localhost")
        assert "another-secret" not in f"{loaded!r} {loaded}"
        assert "another-secret" not in complaint(folder, REDIS_URL="redis://:another-secret@local host")

    def test_redis_with_sqlite_is_refused(self, folder: Path):
        text = complaint(folder, REDIS_URL="redis://:hunter2@localhost")
        assert text.startswith("REDIS_URL=(hidden): ")
        assert "DATABASE_URL=postgresql://" in text
        assert "hunter2" not in text

    @pytest.mark.parametrize("database", ["", POSTGRESQL])
    def test_several_workers_without_redis_are_refused_with_a_way_out(self, folder: Path, database: str):
        text = complaint(folder, DATABASE_URL=database, WEB_CONCURRENCY="2")
        assert text.startswith("WEB_CONCURRENCY=2: ")
        assert all(way in text for way in ("DATABASE_URL=postgresql://", "REDIS_URL", "WEB_CONCURRENCY=1"))
        assert "hunter2" not in text

    def test_running_answers_get_time_at_shutdown_where_other_workers_take_questions(self, folder: Path):
        shared = {"DATABASE_URL": self.POSTGRESQL, "REDIS_URL": "redis://localhost"}
        assert load(folder).drain_seconds == 0
        assert load(folder, **shared).drain_seconds == 20
        assert load(folder, SHUTDOWN_GRACE="5").drain_seconds == 5
        assert load(folder, **shared, SHUTDOWN_GRACE="0").drain_seconds == 0


class TestOrigins:
    def test_allowed_origins_are_the_pages_own_on_this_machine_by_default(self):
        origins = load_settings().allowed_origins
        assert {"http://localhost:3000", "http://127.0.0.1:3000", "http://localhost:8000"} < set(origins)

    def test_default_origins_follow_the_ports(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("REFLEX_FRONTEND_PORT", "3333")
        monkeypatch.setenv("REFLEX_BACKEND_PORT", "3333")
        own = ["http://localhost:3333", "http://127.0.0.1:3333", "http://[::1]:3333"]
        assert load_settings().allowed_origins == own

    def test_several_origins_have_commas_between(self, folder: Path):
        loaded = load(folder, ALLOWED_ORIGINS="https://a.example.com, http://b.example.com:8080/,")
        assert loaded.allowed_origins[:2] == ["https://a.example.com", "http://b.example.com:8080"]

    def test_allowed_origins_add_to_this_machines_own(self, folder: Path):
        own = load_settings().allowed_origins
        assert load(folder, ALLOWED_ORIGINS="https://a.example.com").allowed_origins == ["https://a.example.com", *own]
        assert load(folder, ALLOWED_ORIGINS=own[-1]).allowed_origins == [own[-1], *own[:-1]]

    def test_allowed_hosts_follow_from_the_allowed_origins(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("REFLEX_API_URL", "https://API.example.com:8443")
        loaded = load(folder, ALLOWED_ORIGINS="https://a.example.com:8443,http://192.0.2.1")
        own = {"localhost", "127.0.0.1", "::1"}
        assert loaded.allowed_hosts == own | {"a.example.com", "192.0.2.1", "api.example.com"}

    @pytest.mark.parametrize(
        ("origin", "browsers"),
        [
            ("HTTPS://Chat.Example.com/", "https://chat.example.com"),
            ("https://chat.example.com:443", "https://chat.example.com"),
            ("http://localhost:80", "http://localhost"),
            ("https://localhost:80", "https://localhost:80"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ],
    )
    def test_origins_are_normalized_to_what_browsers_send(self, folder: Path, origin: str, browsers: str):
        assert load(folder, ALLOWED_ORIGINS=origin).allowed_origins[0] == browsers

    @pytest.mark.parametrize(
        "origin",
        [
            "*",
            "null",
            "chat.example.com",
            "https://*.example.com",
            "https://chat.example.com/path",
            "https://chat.example.com?a=b",
            "https://chat.example.com:port",
            "ws://chat.example.com",
            '["https://chat.example.com"]',
            "https://채팅.example.com",
        ],
    )
    def test_an_invalid_origin_is_refused_with_an_example(self, folder: Path, origin: str):
        text = complaint(folder, ALLOWED_ORIGINS=f"https://ok.example.com,{origin}")
        assert text.startswith("ALLOWED_ORIGINS='https://ok.example.com,")
        assert text.endswith(f"{origin!r} is not an origin like https://chat.example.com")

    def test_commas_alone_are_no_origin(self, folder: Path):
        assert complaint(folder, ALLOWED_ORIGINS=",").startswith("ALLOWED_ORIGINS=',': ")


class TestKeys:
    def test_each_key_has_a_name(self, folder: Path):
        keys = load(
            folder, STREAM_API_KEYS="shop:sk-0123456789abcdefgh, phone_2:pk:0123456789abcdefgh,"
        ).stream_api_keys
        assert {name: key.get_secret_value() for name, key in keys.items()} == {
            "shop": "sk-0123456789abcdefgh",
            "phone_2": "pk:0123456789abcdefgh",
        }

    @pytest.mark.parametrize(
        ("value", "problem"),
        [
            ("shop:too-short", "shorter than 20 characters"),
            ("shop", "not name:key"),
            (":0123456789abcdefghij", "not name:key"),
            ("my shop:0123456789abcdefghij", "not name:key"),
            ("shop:0123456789 abcdefghij", "not name:key"),
            ("a:0123456789abcdefghij,a:0123456789abcdefghik", "the name or the key of 'a' is there twice"),
            ("a:0123456789abcdefghij,b:0123456789abcdefghij", "the name or the key of 'b' is there twice"),
        ],
    )
    def test_an_invalid_key_is_named_and_not_shown(self, folder: Path, value: str, problem: str):
        text = complaint(folder, STREAM_API_KEYS=value)
        assert text.startswith("STREAM_API_KEYS=(hidden): ")
        assert problem in text
        assert not any(part in text for part in ("too-short", "0123456789"))

    def test_keys_do_not_appear_in_what_is_printed(self, folder: Path):
        loaded = load(folder, STREAM_API_KEYS="shop:0123456789abcdefghij", SECRET_KEY="another 0123456789abcdefghij")
        assert "0123456789" not in f"{loaded!r} {loaded}"

    def test_a_short_secret_is_refused(self, folder: Path):
        text = complaint(folder, SECRET_KEY="guess")
        assert text.startswith("SECRET_KEY=(hidden): shorter than 20 characters")
        assert "guess" not in text


class TestProxies:
    def test_trusted_proxies_are_addresses_and_networks(self, folder: Path):
        assert load(folder, TRUSTED_PROXIES="10.0.0.7, 172.16.0.0/12,::1").trusted_proxies == [
            "10.0.0.7",
            "172.16.0.0/12",
            "::1",
        ]

    @pytest.mark.parametrize("proxy", ["*", "proxy.example.com", "10.0.0.7/8", "10.0.0"])
    def test_a_trusted_proxy_that_is_no_address_is_refused(self, folder: Path, proxy: str):
        assert complaint(folder, TRUSTED_PROXIES=f"10.0.0.7,{proxy}").endswith(
            f"{proxy!r} is neither an address nor a network like 10.0.0.0/8"
        )
