"""Files that are attached to the next message."""

import re
from dataclasses import dataclass
from typing import Any

import reflex as rx

from chat_app.models.errors import ChatError, NotFound
from chat_app.models.files import StoredFile
from chat_app.models.message import ID_PATTERN
from chat_app.state.conversation.file_view import FileView, file_view
from chat_app.state.conversation.showing import ShowingState
from chat_app.wiring import services

_MAX_RESULTS = 50  # of one choice of files
_MAX_PROBLEM = 500  # characters of a sentence that the browser passes on


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that has been uploaded and not sent yet."""

    file: FileView
    conversation_id: str


class AttachmentState(ShowingState, rx.State, mixin=True):
    """Mixin: the files attached to the next message of each conversation of this page.

    Attributes:
        attachments: The files of all conversations, in the order of their upload.
        max_file_bytes: The limit of one file; 0 until the server has sent it.
        max_files: The largest number of files of a message.
    """

    attachments: rx.Field[list[Attachment]] = rx.field(default_factory=list)
    max_file_bytes: int = 0
    max_files: int = 0

    @rx.var
    def attached(self) -> list[FileView]:
        """The files attached to the next message of this conversation."""
        return [each.file for each in self.attachments if each.conversation_id == self.conversation_id]

    @rx.var
    def has_unseen_pictures(self) -> bool:
        """Whether a picture is attached and the chosen model is known to see none."""
        return not self.abilities.images and any(file.is_picture for file in self.attached)

    @rx.event
    async def add_attachments(self, results: list[dict[str, Any]]) -> None:
        """Attach files that the browser has uploaded.

        Args:
            results: The API's replies: each is a file or an error.
        """
        replies = results[:_MAX_RESULTS] if isinstance(results, list) else []
        problem = next(filter(None, map(_problem_in, replies)), "")
        try:
            files = services().files
            known = {each.id for each in self.attached}
            for file_id in filter(None, map(_id_in, replies)):
                if file_id not in known:
                    self._attach(await files.get(self._principal, file_id))
            await files.for_message(self._principal, [each.id for each in self.attached], self.conversation_id or None)
        except ChatError as error:
            await self._refuse(error, can_retry=False)
            return
        if problem:
            self.error, self.can_retry, self.failed_id = problem, False, ""

    @rx.event
    async def remove_attachment(self, file_id: str) -> None:
        """Take a file back, and delete it."""
        if not any(each.file.id == file_id for each in self.attachments):
            return
        self._detach([file_id])
        try:
            await services().files.delete(self._principal, file_id)
        except NotFound:  # sent in another tab
            pass
        except ChatError as error:  # deleted within a day
            await self._refuse(error, can_retry=False)

    def _attach(self, file: StoredFile) -> None:
        attachment = Attachment(file=file_view(file.part), conversation_id=self.conversation_id)
        self.attachments = [*self.attachments, attachment]

    def _detach(self, file_ids: list[str]) -> None:
        """Take files from the message box, without deleting them."""
        if file_ids:
            self.attachments = [each for each in self.attachments if each.file.id not in file_ids]


def _id_in(reply: object) -> str:
    """Return the id of a file that the API has stored; empty if it has sent an error."""
    file_id = reply.get("id") if isinstance(reply, dict) else None
    return file_id if isinstance(file_id, str) and re.fullmatch(ID_PATTERN, file_id) else ""


def _problem_in(reply: object) -> str:
    """Return the sentence of an error that the API has sent; empty if it has sent a file."""
    error = reply.get("error") if isinstance(reply, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return message[:_MAX_PROBLEM] if isinstance(message, str) else ""
