"""Streaming an answer from its log into the page."""

import asyncio
from contextlib import aclosing

import reflex as rx

from chat_app.state.conversation.answer_progress import AnswerProgress
from chat_app.state.conversation.live_answer import LiveAnswer
from chat_app.state.conversation.message_view import settled
from chat_app.state.conversation.showing import ShowingState
from chat_app.wiring import services

FRAME = 0.08  # seconds; more often, it would cost the browser more than it shows people


class FollowingState(ShowingState, rx.State, mixin=True):
    """Mixin: follows the log of the answer that streams, in a background task, so that other events get their turn."""

    @rx.event(background=True, supersedes=True)
    async def follow(self) -> None:
        """Stream the answer from its log into the page, in frames rather than tokens, up to its end."""
        async with self:
            answer_id, owner = self.live_id, self._principal
        if not answer_id:
            return
        progress = AnswerProgress()
        async with aclosing(services().answers.follow(answer_id, owner)) as batches:
            async for batch in batches:
                progress.add(batch)
                async with self:
                    if not await self._advance(answer_id, progress):
                        return
                # After the last frame too: the browser might not notice an answer that begins and ends in one frame.
                await asyncio.sleep(FRAME)
        async with self:
            await self._settle(answer_id, progress)
        if progress.done and not progress.done.stored:
            await services().answers.wait_stored(answer_id)
            async with self:
                self.error = self.error.removesuffix((await self._texts()).not_stored).strip()

    async def _advance(self, answer_id: str, progress: AnswerProgress) -> bool:
        """Show a frame of the answer; ``False`` if the page shows something else by now."""
        if self.live_id == answer_id:
            (await self.get_state(LiveAnswer))._show(progress)
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
