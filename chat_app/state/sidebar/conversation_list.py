"""The list of the visitor's conversations in the sidebar."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import groupby
from typing import Any

import reflex as rx
from reflex_base.config import get_config

from chat_app.models.conversation import ListCursor, ListedConversation
from chat_app.models.errors import StorageUnavailable
from chat_app.models.message import now
from chat_app.state.conversation.chat import ChatState
from chat_app.state.event_helpers import assign
from chat_app.state.visitor import VisitorState
from chat_app.wiring import services

logger = logging.getLogger(__name__)

WINDOW = 60  # conversations in the browser, besides the pinned ones
STEP = 30  # conversations by which the window moves
MAX_OFFSET = 14 * 60  # minutes; the largest difference of a time zone from UTC

OUTAGE_RETRY = 1.0  # seconds

HEADINGS = ("pinned", "today", "yesterday", "this_week", "earlier")


@dataclass(frozen=True, kw_only=True)
class ConversationEntry:
    """One entry of the list."""

    id: str
    title: str
    is_answering: bool


@dataclass(frozen=True, kw_only=True)
class ConversationGroup:
    """Conversations under one of ``HEADINGS``."""

    heading: str
    conversations: list[ConversationEntry]


class ConversationList(VisitorState, rx.State):
    """The pinned conversations, then a window of the others, most recently used first.

    Attributes:
        steps: Number of steps by which the window was moved down.
        has_older: True if there are conversations below the window.
        is_empty: True if the visitor has no conversations; False until the list is loaded.
    """

    groups: rx.Field[list[ConversationGroup]] = rx.field(default_factory=list)
    steps: int = 0
    has_older: bool = False
    is_empty: bool = False

    # Cursors of the windows from the top to this one: it begins after the last.
    _before: rx.Field[list[ListCursor]] = rx.field(default_factory=list)
    _next: ListCursor | None = None
    _utc_offset: int | None = None  # minutes

    @rx.event
    def detect_time_zone(self) -> Any:
        """Ask the browser for its time zone, by which days are grouped; the list loads once it is known."""
        if self._utc_offset is None:
            return rx.call_script("-new Date().getTimezoneOffset()", callback=ConversationList.set_time_zone)
        return None

    @rx.event
    async def set_time_zone(self, offset: int) -> None:
        """Set the time zone, in minutes from UTC, and load the list."""
        known = isinstance(offset, int) and abs(offset) <= MAX_OFFSET
        self._utc_offset = offset if known else 0
        try:
            await self._load(self._before)
        except StorageUnavailable:
            (await self.get_state(ChatState))._load_after_outage()
            raise

    @rx.event
    async def show_older(self) -> None:
        """Move the window down, to older conversations."""
        if self._next:
            await self._load([*self._before, self._next])

    @rx.event
    async def show_newer(self) -> None:
        """Move the window up, to newer conversations."""
        await self._load(self._before[:-1])

    @rx.event(background=True, supersedes=True)
    async def watch(self) -> AsyncGenerator[Any, None]:
        """Refresh the page after every change in storage: by another tab, a program, or a suggested title.

        Retries after an outage of storage. Refreshes at intervals too: Reflex expires the state of open pages unless it
        is used (``state_lifetime``), and at midnight today becomes yesterday.
        """
        async with self:
            owner = self._principal
        state_lifetime = get_config().redis_token_expiration
        async with aclosing(services().changes.watch(owner, at_least_every=state_lifetime / 3)) as changes:
            async for _ in changes:
                while True:
                    async with self:
                        events = await self._refresh()
                    if events is not None:
                        break
                    await asyncio.sleep(OUTAGE_RETRY)
                    await services().readiness.wait_for_storage()
                yield events

    @property
    def _today(self) -> date:
        """The date in the visitor's time zone."""
        return now().astimezone(self._zone).date()

    @property
    def _zone(self) -> timezone:
        """The visitor's time zone, UTC until it is known."""
        return timezone(timedelta(minutes=self._utc_offset or 0))

    async def _refresh(self) -> list[Any] | None:
        """Refresh list and conversation; returns the events that have to follow, ``None`` if storage is away."""
        try:
            await self._load(self._before)
            return await (await self.get_state(ChatState))._catch_up()
        except StorageUnavailable as error:  # the outage itself is logged once
            logger.warning("a page could not be refreshed: %s", error)
            return None
        except Exception:  # the next change refreshes everything
            logger.exception("a page could not be refreshed")
            return []

    async def _load(self, before: list[ListCursor]) -> None:
        """Show the window after the last cursor of ``before``; a failure leaves the present one."""
        if self._utc_offset is None:
            return
        conversations, owner = services().conversations, self._principal
        pinned = await conversations.pinned(owner)
        listed = await conversations.unpinned(owner, WINDOW + 1, before[-1] if before else None)
        has_older = len(listed) > WINDOW
        self._before = before
        self._next = listed[STEP - 1].conversation.list_cursor if has_older else None
        groups = _grouped(pinned, listed[:WINDOW], self._zone)
        assign(self, groups=groups, steps=len(self._before), has_older=has_older, is_empty=not (groups or self._before))


def _grouped(
    pinned: Iterable[ListedConversation], latest: Iterable[ListedConversation], zone: timezone
) -> list[ConversationGroup]:
    today = now().astimezone(zone)
    groups = [("pinned", list(pinned))]
    groups += [(day, list(listed)) for day, listed in groupby(latest, lambda each: _day(each, today))]
    return [
        ConversationGroup(heading=heading, conversations=[_entry(each) for each in listed])
        for heading, listed in groups
        if listed
    ]


def _day(listed: ListedConversation, today: datetime) -> str:
    days = (today.date() - listed.conversation.updated_at.astimezone(today.tzinfo).date()).days
    if days <= 0:
        return "today"
    if days == 1:
        return "yesterday"
    return "this_week" if days <= 7 else "earlier"  # noqa: PLR2004 - a week


def _entry(listed: ListedConversation) -> ConversationEntry:
    conversation = listed.conversation
    return ConversationEntry(id=conversation.id, title=conversation.title, is_answering=listed.is_answering)
