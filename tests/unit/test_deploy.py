"""Files in ``.deploy``: what they say about the rest of the repository. Proxies are tested in ``contract``."""

import re
from pathlib import Path

from pydantic import SecretStr

from chat_app.__main__ import SOURCES
from chat_app.config import Settings

CHECKOUT = Path(__file__).parents[2]
DEPLOY = CHECKOUT / ".deploy"


def read(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def test_the_image_has_all_sources_of_the_page_and_nothing_else_of_the_checkout() -> None:
    copied = re.findall(r"^COPY (?!--)(.*) \S+$", read("Dockerfile"), re.MULTILINE)
    names = {name for sources in copied for name in sources.split()}
    assert names == {*SOURCES, ".constraints.txt"}
    assert names == set(re.findall(r"^!(.+)$", read("Dockerfile.dockerignore"), re.MULTILINE))


def test_containers_and_systemd_wait_for_answers_to_end() -> None:
    shared = Settings(redis_url="redis://host", database_url="postgresql://host/chat", secret_key=SecretStr("s" * 20))
    least = shared.drain_seconds + 20
    waits = [
        *re.findall(r"stop_grace_period: (\d+)s", read("compose.yaml")),
        *re.findall(r"TimeoutStopSec=(\d+)", read("chat.service")),
    ]
    assert [int(seconds) > least for seconds in waits] == [True, True]


def test_variables_of_the_containers_exist() -> None:
    service = read("compose.yaml").partition("  app:")[2].partition("  postgres:")[0]
    names = re.findall(r"^      ([A-Z_]+): ", service, re.MULTILINE)
    names += re.findall(r"^([A-Z_]+)=", read("compose.env.example"), re.MULTILINE)
    assert len(names) > 5
    assert {name for name in names if name.lower() not in Settings.model_fields} == {"POSTGRES_PASSWORD"}


def test_the_containers_nginx_has_the_app_as_its_upstream() -> None:
    before, after = re.findall(r"s\|(.+?)\|(.+?)\|", read("compose.yaml"))[0]
    assert read("nginx.conf").count(before) == 1
    assert "server app:3000 " in after
