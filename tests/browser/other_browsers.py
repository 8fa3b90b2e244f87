"""Drivers for Firefox and WebKit, to test differences between browsers.

    with WebKit() as browser:  # or Firefox()
        browser.open(server.url)
        browser.type("textarea", "Hello")  # real key presses; "\n" is Enter
        browser.wait("return document.querySelector('article')")
        assert browser.run("return document.title") == "Chat"

The fixture ``other_browser`` in ``conftest.py`` runs a test once in each. A browser takes seconds to start, so prefer
one page with everything to many. Playwright can't drive a distribution's browsers, only those that it brings. So WebKit
is driven through WebDriver (https://w3.org/TR/webdriver2), and Firefox, whose WebDriver isn't packaged, through
WebDriver BiDi (https://w3.org/TR/webdriver-bidi).
"""

import base64
import json
import os
import shutil
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.server_process import free_port

STARTING = 30.0
PATIENCE = 20.0


class MissingBrowserError(Exception):
    """Raised if a browser isn't installed; the text says what to install."""


class OtherBrowser(ABC):
    """A browser with one window."""

    name: str
    missing: str

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._profile = Path(mkdtemp(prefix=f"{self.name}-"))

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def wait(self, script: str, timeout: float = PATIENCE) -> Any:
        """Run ``script`` until its result is true, and return that."""
        deadline = time.monotonic() + timeout
        while not (result := self.run(script)):
            if time.monotonic() > deadline:
                body = self.run("return document.body.innerText")
                raise AssertionError(f"{self.name}: timed out waiting for {script!r}; the page says {body[-2000:]!r}")
            time.sleep(0.1)
        return result

    @abstractmethod
    def _start(self) -> None: ...

    @abstractmethod
    def open(self, url: str) -> None: ...

    @abstractmethod
    def run(self, script: str) -> Any:
        """Run a function's body and return its result, which has to be JSON. Promises are awaited."""

    @abstractmethod
    def type(self, selector: str, text: str) -> None:
        """Type ``text`` into the element with real key presses."""

    @abstractmethod
    def screenshot(self, path: Path) -> None: ...

    def _launch(self, command: list[str], **environment: str) -> None:
        self._processes.append(
            subprocess.Popen(
                command,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "HOME": str(self._profile), **environment},
            )
        )

    def _find(self, *names: str) -> str:
        """Return the path of the first of these programs that is installed."""
        for name in names:
            if path := shutil.which(name) or next(map(str, Path("/").glob(name.lstrip("/"))), None):
                return path
        raise MissingBrowserError(self.missing)


class Firefox(OtherBrowser):
    name = "firefox"
    missing = "Firefox is missing; on Debian: apt install firefox-esr"

    def __init__(self) -> None:
        super().__init__()
        self._connections = ExitStack()

    def _start(self) -> None:
        port = free_port()
        self._launch(
            [
                self._find("firefox-esr", "firefox"),
                *("--headless", "--no-remote", "--profile", str(self._profile)),
                *("--remote-debugging-port", str(port), "--width", "1280", "--height", "800"),
            ]
        )
        self._numbers = count(1)
        url = f"ws://127.0.0.1:{port}/session"
        self._socket = _eventually(lambda: self._connections.enter_context(connect(url, max_size=None, proxy=None)))
        self._send("session.new", {"capabilities": {}})
        self._context = self._send("browsingContext.getTree", {})["contexts"][0]["context"]

    def close(self) -> None:
        self._connections.close()
        super().close()

    def open(self, url: str) -> None:
        self._send("browsingContext.navigate", {"context": self._context, "url": url, "wait": "complete"})

    def run(self, script: str) -> Any:
        parameters = {
            "functionDeclaration": f"async () => JSON.stringify(await (async () => {{ {script} }})())",
            "target": {"context": self._context},
            "awaitPromise": True,
        }
        answer = self._send("script.callFunction", parameters)
        if answer["type"] == "exception":
            raise AssertionError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))

    def type(self, selector: str, text: str) -> None:
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        keys = ["\ue007" if character == "\n" else character for character in text]
        presses = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": presses}
        self._send("input.performActions", {"context": self._context, "actions": [keyboard]})

    def screenshot(self, path: Path) -> None:
        image = self._send("browsingContext.captureScreenshot", {"context": self._context})["data"]
        path.write_bytes(base64.b64decode(image))

    def _send(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=STARTING))
            if answer.get("id") == number:
                if answer["type"] == "error":
                    raise AssertionError(f"{method}: {answer['error']}: {answer['message']}")
                return answer["result"]


class WebKit(OtherBrowser):
    name = "webkit"
    missing = "WebKit is missing; on Debian: apt install webkit2gtk-driver xvfb"

    def _start(self) -> None:
        driver, screen = self._find("WebKitWebDriver"), self._find("Xvfb")
        mini_browser = self._find("/usr/lib/*/webkit2gtk-4.*/MiniBrowser", "/usr/libexec/webkit2gtk-4.*/MiniBrowser")
        reading, writing = os.pipe()
        self._processes.append(
            subprocess.Popen(
                [screen, "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
                pass_fds=[writing],
                stderr=subprocess.DEVNULL,
            )
        )
        os.close(writing)
        with os.fdopen(reading) as numbers:
            display = f":{numbers.readline().strip()}"
        port = free_port()
        # The sandbox doesn't work as root, nor compositing without a graphics card.
        variables = {"WEBKIT_DISABLE_COMPOSITING_MODE": "1", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        self._launch([driver, f"--port={port}"], DISPLAY=display, GDK_BACKEND="x11", NO_AT_BRIDGE="1", **variables)
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
        _eventually(lambda: self._client.get("/status").raise_for_status())
        options = {"binary": mini_browser, "args": ["--automation"]}
        capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._session = f"/session/{self._post('/session', {'capabilities': capabilities})['sessionId']}"
        self._post(f"{self._session}/window/rect", {"width": 1280, "height": 800})

    def close(self) -> None:
        if hasattr(self, "_session"):
            self._client.delete(self._session)
            self._client.close()
        super().close()

    def open(self, url: str) -> None:
        self._post(f"{self._session}/url", {"url": url})

    def run(self, script: str) -> Any:
        body = f"return (async () => {{ {script} }})()"
        return self._post(f"{self._session}/execute/sync", {"script": body, "args": []})

    def type(self, selector: str, text: str) -> None:
        element = self._post(f"{self._session}/element", {"using": "css selector", "value": selector})
        (reference,) = element.values()
        self._post(f"{self._session}/element/{reference}/value", {"text": text.replace("\n", "\ue007")})

    def screenshot(self, path: Path) -> None:
        image = self._client.get(f"{self._session}/screenshot").json()["value"]
        path.write_bytes(base64.b64decode(image))

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        value = self._client.post(path, json=body).json()["value"]
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(f"{path}: {value['error']}: {value['message']}")
        return value


def _eventually(attempt: Callable[[], Any]) -> Any:
    """Retry ``attempt`` until it succeeds, and return its result."""
    deadline = time.monotonic() + STARTING
    while True:
        try:
            return attempt()
        except (OSError, httpx.HTTPError, WebSocketException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
