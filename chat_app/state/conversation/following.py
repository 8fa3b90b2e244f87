"""Streaming an answer from its log into the page."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import reflex as rx

from chat_app.models.errors import StorageUnavailable
from chat_app.models.principal import Principal
from chat_app.state.conversation.answer_progress import AnswerProgress
from chat_app.state.conversation.live_answer import LiveAnswer
from chat_app.state.conversation.message_view import settled
from chat_app.state.conversation.queue import QueueState
from chat_app.wiring import services

FRAME = 0.08  # seconds; shorter frames take more of the browser's CPU without a visible difference
OUTAGE_RETRY = 1.0  # seconds


class FollowingState(QueueState, rx.State, mixin=True):
    """Mixin: follows the log of the answer that streams, in a background task, so that other events get their turn."""

    @rx.event(background=True, supersedes=True)
    async def follow(self) -> AsyncGenerator[Any, None]:
        """Stream the answer from its log into the page, in frames rather than tokens, up to its end.

        After a complete answer the next message of the queue is sent.
        """
        async with self:
            answer_id, owner, page = self.live_id, self._principal, self.router.session.client_token
        if not answer_id:
            return
        progress = AnswerProgress()
        with services().connections.following(page):
            while not progress.done:
                try:
                    if not await self._stream(answer_id, owner, progress):
                        return
                except StorageUnavailable:  # the outage itself is logged once
                    async with self:
                        await self._show_waiting(answer_id)
                    await asyncio.sleep(OUTAGE_RETRY)
            async with self:
                await self._settle(answer_id, progress)
        if not progress.done.stored:
            await services().answers.wait_stored(answer_id)
            async with self:
                self.error = self.error.removesuffix((await self._texts()).not_stored).strip()
        async with self:
            is_next_due = self._is_next_due
        if is_next_due:
            yield self.__class__.send_next

    async def _stream(self, answer_id: str, owner: Principal, progress: AnswerProgress) -> bool:
        """Show the answer's frames, from ``progress`` on; ``False`` if the page shows something else by now.

        Raises:
            StorageUnavailable: The log can't be read.
        """
        async with aclosing(services().answers.follow(answer_id, owner, progress.cursor)) as batches:
            async for batch in batches:
                progress.add(batch)
                async with self:
                    if not await self._advance(answer_id, progress):
                        return False
                # After the last frame too: the browser might not notice an answer that begins and ends in one frame.
                await asyncio.sleep(FRAME)
        return progress.done is not None

    async def _show_waiting(self, answer_id: str) -> None:
        """Show the notice that the log can't be read, until the next frame."""
        if self.live_id == answer_id:
            self.error, self.can_retry, self.failed_id = (await self._texts()).answer_waits, False, ""

    async def _advance(self, answer_id: str, progress: AnswerProgress) -> bool:
        """Show a frame of the answer; ``False`` if the page shows something else by now."""
        if self.live_id == answer_id:
            (await self.get_state(LiveAnswer))._show(progress)
            if self.error and self.error == (await self._texts()).answer_waits:
                self.error = ""
        return self._latest_id == answer_id

    async def _settle(self, answer_id: str, progress: AnswerProgress) -> None:
        """Show the answer as it ended, unless the page shows something else by now.

        If it has been loaded from storage meanwhile, only the delay before a retry is added, which isn't stored.
        """
        if not progress.done or self._latest_id != answer_id:
            return
        failure, is_live = progress.failure, self.live_id == answer_id
        if is_live:
            *others, begun = self.latest
            self.latest = [*others, settled(begun, progress.message(answer_id, progress.done))]
            self.is_loading = False
            (await self.get_state(LiveAnswer))._switch_to("")
        if is_live or failure:
            await self._report(failure.code if failure else "", failure and failure.retry_after, answer_id)
            if not progress.done.stored:
                self.error = f"{self.error} {(await self._texts()).not_stored}".strip()
