"""The settings of a conversation: the form, and their way to the model."""

from typing import Any

import pytest

from chat_app.models.conversation import ConversationSettings
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.settings_form import SettingsForm
from chat_app.texts import CATALOGUES
from tests.unit.state.page import Page, Server

ERRORS = CATALOGUES["en"].errors
CHOSEN = {
    "instructions": " Be brief. ",
    "temperature": "0.5",
    "top_p": "",
    "max_tokens": "20",
    "reasoning_effort": "low",
}
SETTINGS = ConversationSettings(instructions="Be brief.", temperature=0.5, max_tokens=20, reasoning_effort="low")


async def change(page: Page, **changes: Any) -> None:
    await page.do(ChatState.change_settings, {**CHOSEN, **changes})


async def test_the_settings_of_a_conversation_are_sent_with_each_of_its_questions(server: Server, page: Page):
    conversation = await server.add("Hello", "Hi there.")
    await page.go(f"/chat/{conversation.id}")
    assert page.chat.settings == SettingsForm()
    await change(page)
    assert page.chat.settings == SettingsForm.of(SETTINGS)
    server.answer("Fine.")
    await page.send("How are you?")
    await page.settle()
    assert server.provider.options[-1] == SETTINGS.options


async def test_the_settings_for_a_new_conversation_become_its_own(server: Server, page: Page):
    await page.go("/")
    await change(page)
    server.answer("Hi.")
    await page.send("Hello")
    await page.settle()
    assert server.provider.options == [SETTINGS.options]
    await page.go("/")
    assert page.chat.settings == SettingsForm()
    server.answer("Hi.")
    await page.send("Hello again")
    await page.settle()
    assert server.provider.options[-1] == ConversationSettings().options


async def test_the_settings_come_back_with_the_conversation(server: Server, page: Page):
    conversation = await server.add("Hello", "Hi there.")
    await page.go(f"/chat/{conversation.id}")
    await change(page)
    await page.go("/")
    await page.go(f"/chat/{conversation.id}")
    assert page.chat.settings == SettingsForm.of(SETTINGS)


async def test_empty_boxes_are_the_default(server: Server, page: Page):
    conversation = await server.add("Hello", "Hi there.")
    await page.go(f"/chat/{conversation.id}")
    await change(page)
    await page.do(ChatState.change_settings, dict.fromkeys(CHOSEN, ""))
    assert page.chat.settings == SettingsForm()


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": "2.1"},
        {"temperature": "-1"},
        {"temperature": "nan"},
        {"temperature": "inf"},
        {"temperature": "warm"},
        {"top_p": "1.01"},
        {"max_tokens": "0"},
        {"max_tokens": "1.5"},
        {"max_tokens": "9" * 5000},
        {"reasoning_effort": "endless"},
        {"instructions": "x" * 8001},
    ],
)
async def test_settings_out_of_their_range_are_refused(server: Server, page: Page, changes: dict[str, str]):
    conversation = await server.add("Hello", "Hi there.")
    for path in (f"/chat/{conversation.id}", "/"):
        await page.go(path)
        await change(page, **changes)
        assert page.chat.error == ERRORS["invalid"]
        assert page.chat.settings == SettingsForm()


@pytest.mark.parametrize("form", [None, 1, "x", [], {}, {"temperature": 0.5, "instructions": ["x"]}])
async def test_a_form_of_another_shape_changes_nothing(page: Page, form: object):
    await page.go("/")
    await page.do(ChatState.change_settings, form)
    assert page.chat.settings == SettingsForm()
