"""Bounds of a conversation's settings."""

from chat_app.models.conversation import ConversationSettings
from chat_app.models.errors import InvalidRequest
from chat_app.models.request import REASONING_EFFORTS

MAX_INSTRUCTION_CHARS = 8_000
MAX_TEMPERATURE = 2.0
MAX_TOKENS = 2**31 - 1


def ensure_valid(settings: ConversationSettings) -> None:
    """Check the settings against their bounds.

    Raises:
        InvalidRequest: One is out of its range, or too long.
    """
    is_valid = {
        "instructions": len(settings.instructions) <= MAX_INSTRUCTION_CHARS,
        "temperature": settings.temperature is None or 0 <= settings.temperature <= MAX_TEMPERATURE,
        "top_p": settings.top_p is None or 0 <= settings.top_p <= 1,
        "max_tokens": settings.max_tokens is None or 1 <= settings.max_tokens <= MAX_TOKENS,
        "reasoning_effort": settings.reasoning_effort in (None, *REASONING_EFFORTS),
    }
    if wrong := [name for name, valid in is_valid.items() if not valid]:
        raise InvalidRequest(f"out of range: {', '.join(wrong)}")
