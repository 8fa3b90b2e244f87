"""Web pages that an answer cites."""

from chat_app.infrastructure.openai.fields import as_list, as_object, as_text
from chat_app.models.parts import Source
from chat_app.models.text import one_line
from chat_app.models.web_page import is_web_page

_MAX_SOURCES = 100
_MAX_TITLE = 300


class Citations:
    """Collects the cited web pages, each once."""

    def __init__(self) -> None:
        self._found: dict[str, Source] = {}

    @property
    def sources(self) -> list[Source]:
        """The pages, in the order of their first citation."""
        return list(self._found.values())

    def add(self, annotations: object) -> None:
        """Add the ``url_citation`` among ``annotations``, in the form of the Responses API or of chat completions."""
        for annotation in as_list(annotations):
            fields = as_object(annotation)
            fields = as_object(fields.get("url_citation")) or fields
            url = as_text(fields.get("url"))
            if len(self._found) < _MAX_SOURCES and url not in self._found and is_web_page(url):
                self._found[url] = Source(one_line(as_text(fields.get("title")), _MAX_TITLE), url)
