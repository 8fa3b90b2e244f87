"""A server with S3's API on this machine: moto's."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

from moto.server import ThreadedMotoServer

from chat_app.models.message import new_id


class S3Server:
    """A running server, whose buckets are empty at first.

    Attributes:
        variables: The environment variables of a client.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.variables = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
        }

    def create_bucket(self) -> str:
        """Create a bucket; returns its name."""
        name = f"bucket-{new_id()}"
        with urlopen(Request(f"{self._url}/{name}", method="PUT"), timeout=10):  # noqa: S310 - this machine
            return name


@contextmanager
def running_s3_server() -> Iterator[S3Server]:
    """Start a server; stopped at the end."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield S3Server(f"http://{host}:{port}")
    finally:
        server.stop()
