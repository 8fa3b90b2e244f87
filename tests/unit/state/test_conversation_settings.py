"""The settings of a conversation: the form, and their way to the model."""

from dataclasses import replace
from typing import Any

import pytest

from chat_app.models.conversation import ConversationSettings
from chat_app.models.listed_model import Abilities
from chat_app.services.answering.ai_service import model_agent
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_box import MESSAGE_BOX, MODEL_MENU
from chat_app.state.conversation.model_menu import ChosenAbilities
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
    "web_search": "on",
}
SETTINGS = ConversationSettings(
    instructions="Be brief.", temperature=0.5, max_tokens=20, reasoning_effort="low", web_search=True
)


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


@pytest.mark.parametrize(
    "form", [None, 1, "x", [], {}, {"temperature": 0.5, "instructions": ["x"], "web_search": True}]
)
async def test_a_form_of_another_shape_changes_nothing(page: Page, form: object):
    await page.go("/")
    await page.do(ChatState.change_settings, form)
    assert page.chat.settings == SettingsForm()


class TestAbilities:
    """What the page says about the chosen model before a message is sent."""

    @pytest.fixture(autouse=True)
    def models(self, server: Server) -> None:
        blind = Abilities(images=False, reasoning=False)
        server.services.agents.offer(
            [
                replace(model_agent("blind", server.provider), abilities=blind),
                replace(model_agent("searching", server.provider), abilities=Abilities(images=True, web_search=True)),
            ]
        )

    async def test_a_model_of_which_nothing_is_known_can_take_anything_but_search_the_web(self, page: Page):
        assert page.chat.abilities == ChosenAbilities(images=True, reasoning=True, web_search=False)

    async def test_a_choice_in_the_menu_shows_the_abilities_and_leaves_the_conversations_model(self, page: Page):
        await page.do(ChatState.choose_model, "blind")
        assert page.chat.abilities == ChosenAbilities(images=False, reasoning=False, web_search=False)
        await page.do(ChatState.choose_model, "searching")
        assert page.chat.abilities == ChosenAbilities(images=True, reasoning=True, web_search=True)
        assert page.chat.model == "scripted"

    async def test_the_model_of_a_conversation_shows_its_abilities(self, server: Server, page: Page):
        server.answer("Hi.")
        await page.do(ChatState.send, {MESSAGE_BOX: "Hello", MODEL_MENU: "blind"}, "")
        await page.settle()
        await page.do(ChatState.choose_model, "searching")
        await page.go(f"/chat/{page.chat.conversation_id}")
        assert not page.chat.abilities.images

    async def test_what_a_model_has_shown_to_lack_counts_first(self, server: Server, page: Page):
        await page.do(ChatState.choose_model, "searching")
        server.provider.learned = Abilities(reasoning=False)
        await page.do(ChatState.choose_model, "searching")
        assert page.chat.abilities == ChosenAbilities(images=True, reasoning=False, web_search=True)

    @pytest.mark.parametrize("name", ["nobody", "", None, 7, ["blind"]])
    async def test_an_unknown_name_is_a_model_of_which_nothing_is_known(self, page: Page, name: Any):
        await page.do(ChatState.choose_model, name)
        assert page.chat.abilities == ChosenAbilities()
