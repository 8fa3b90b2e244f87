"""The form of a conversation's settings."""

from dataclasses import asdict, dataclass

from chat_app.models.conversation import ConversationSettings
from chat_app.models.errors import InvalidRequest
from chat_app.state.event_helpers import text_in


@dataclass(frozen=True, kw_only=True)
class SettingsForm:
    """The values of the form's boxes, under the names of ``ConversationSettings``; empty for the default."""

    instructions: str = ""
    temperature: str = ""
    top_p: str = ""
    max_tokens: str = ""
    reasoning_effort: str = ""
    web_search: str = ""
    is_default: bool = True

    @classmethod
    def of(cls, settings: ConversationSettings) -> "SettingsForm":
        """Return the form filled with these settings."""
        values = {name: _in_box(value) for name, value in asdict(settings).items()}
        return cls(**values, is_default=settings == ConversationSettings())


def _in_box(value: object) -> str:
    """Return a value as the browser submits it: a checked box is "on"."""
    if isinstance(value, bool):
        return "on" if value else ""
    return "" if value is None else str(value)


def settings_in(form: object) -> ConversationSettings:
    """Read the settings from a submitted form, whose values may be anything.

    Raises:
        InvalidRequest: A number is none.
    """
    try:
        return ConversationSettings(
            instructions=text_in(form, "instructions").strip(),
            temperature=float(value) if (value := text_in(form, "temperature").strip()) else None,
            top_p=float(value) if (value := text_in(form, "top_p").strip()) else None,
            max_tokens=int(value) if (value := text_in(form, "max_tokens").strip()) else None,
            reasoning_effort=text_in(form, "reasoning_effort") or None,
            web_search=text_in(form, "web_search") == "on",
        )
    except ValueError:
        raise InvalidRequest("a number of the settings is none") from None
