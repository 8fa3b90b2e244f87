"""A built page finds its API at the address that it was loaded from."""

from pathlib import Path

import pytest

from chat_app.infrastructure.server.own_address import OwnAddress

STATE = "const h=[`localhost`,`0.0.0.0`,`::`,`0:0:0:0:0:0:0:0`];"


def build(folder: Path, environment: str, state: str = STATE) -> str:
    """Pretend to build the page; returns the part with the API's addresses."""
    (folder / "assets").mkdir(parents=True)
    (folder / "assets/env.js").write_text(environment)
    (folder / "assets/state.js").write_text(state)
    OwnAddress().post_build(static_dir=folder)
    return (folder / "assets/env.js").read_text()


def test_addresses_follow_the_address_bar(tmp_path: Path):
    built = build(tmp_path, "var e={PING:`http://localhost:3000/ping`,EVENT:`ws://localhost:3000/_event`};")
    assert built == (
        'var e={PING:(location.origin.replace(/^http/,"http")+"/ping"),'
        'EVENT:(location.origin.replace(/^http/,"ws")+"/_event")};'
    )
    assert (tmp_path / "assets/state.js").read_text() == "const h=[];"


def test_an_api_with_an_address_of_its_own_keeps_it(tmp_path: Path):
    environment = "var e={PING:`https://api.example.com/ping`};"
    assert build(tmp_path, environment) == environment
    assert (tmp_path / "assets/state.js").read_text() == STATE


def test_a_reflex_that_computes_addresses_elsewhere_fails_the_build(tmp_path: Path):
    with pytest.raises(RuntimeError, match=r"own_address\.py"):
        build(tmp_path, "var e={PING:`http://localhost:3000/ping`};", state="")
