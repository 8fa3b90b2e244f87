"""Uses of sse-starlette beyond its settings. Read in sse-starlette 3.7."""

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message, Send


class EventStream(EventSourceResponse):
    """A response without a timeout for each frame: the system aborts connections whose reader takes nothing.

    Needs ``EventSourceResponse._send_with_timeout``, which opens a cancel scope for each frame, also without a timeout.
    Without it, sending a frame takes a third as long again.
    """

    async def _send_with_timeout(self, send: Send, message: Message) -> None:
        await send(message)


class CommentPing(ServerSentEvent):
    """A ping that is a comment line of the next event.

    Needs ``ServerSentEvent.encode``, which puts an empty line after every ping, so that it is an event by itself.
    Without it, readers that decode the data of each event, such as the OpenAI SDK's, fail at one without data.
    """

    def encode(self) -> bytes:
        """Return the comment line."""
        return b": ping\n"
