"""Uses of sse-starlette beyond its settings. Read in sse-starlette 3.7."""

from sse_starlette import ServerSentEvent


class CommentPing(ServerSentEvent):
    """A ping that is a comment line of the next event.

    Needs ``ServerSentEvent.encode``, which puts an empty line after every ping, so that it is an event by itself.
    Without it, readers that decode the data of each event, such as the OpenAI SDK's, fail at one without data.
    """

    def encode(self) -> bytes:
        """Return the comment line."""
        return b": ping\n"
