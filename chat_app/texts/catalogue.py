"""The catalogue of texts that a language has to provide, one module for each language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All texts of the app in one language, with ``{…}`` as placeholders.

    Attributes:
        suggestions, demo_suggestions: Examples of a first message, for any model and for the demo model.
        language_name: The language's name in the language itself.
        errors: Sentences by the codes of ``chat_app.models.errors``: what happened, and what to do.
        problems: Clauses by the problems of ``chat_app.api.http.errors.InvalidField``, without a full stop.
        archive_problems: Sentences by the problems of ``chat_app.models.errors.InvalidArchive``.
        file_problems: Sentences by the problems of ``chat_app.models.errors.FileRefused``.
    """

    # page
    app_name: str
    skip_to_message: str
    reconnecting: str
    mistake: str
    keeps_nothing: str
    no_script: str
    not_found_title: str
    not_found_detail: str

    # shared
    copy: str
    copy_failed: str
    copied: str
    save: str
    close: str
    back: str

    # sidebar
    conversations: str
    new_chat: str
    open_conversations: str
    close_conversations: str
    toggle_conversations: str
    no_conversations: str
    search: str
    search_placeholder: str
    recent: str
    no_matches: str
    no_matches_detail: str
    pinned: str
    today: str
    yesterday: str
    this_week: str
    earlier: str
    newer_conversations: str
    older_conversations: str
    being_answered: str
    conversation_menu: str
    rename: str
    title: str
    pin: str
    unpin: str
    export_markdown: str
    export_json: str
    delete: str
    deleted: str
    undo: str

    # new conversation
    greeting: str
    greeting_detail: str
    suggestions: tuple[str, ...]
    demo_suggestions: tuple[str, ...]
    demo_notice: str
    demo_setup: str

    # conversation
    conversation: str
    you: str
    assistant: str
    thinking: str
    thought_for: str
    reasoning: str
    latest_messages: str
    follow_ups: str
    earlier_messages: str
    stopped: str
    interrupted: str
    cut_off: str
    failed: str
    answer_waits: str
    not_stored: str
    show_more: str
    show_less: str
    earlier_missing: str
    load_all: str
    unanswered: str
    try_again: str
    retry_after: str

    # message actions
    edit: str
    edit_message: str
    cancel: str
    regenerate: str
    regenerate_with: str
    continue_answer: str
    versions: str
    previous_version: str
    next_version: str
    good_answer: str
    bad_answer: str
    comment: str
    comment_placeholder: str
    details: str
    model: str
    tokens_in: str
    tokens_out: str
    seconds: str

    # settings of a conversation
    conversation_settings: str
    instructions: str
    instructions_example: str
    temperature: str
    top_p: str
    max_tokens: str
    reasoning_effort: str
    as_the_model_does: str
    web_search: str
    no_reasoning: str
    no_web_search: str

    # parts of answers
    left_out: str
    earlier_left_out: str
    searching: str
    searched: str
    sources: str
    unverified: str
    page: str
    copy_code: str
    wrap_lines: str
    draw_diagram: str
    show_code: str
    diagram: str
    diagram_failed: str
    enlarge: str
    zoom_in: str
    zoom_out: str
    missing_image: str
    task_done: str
    task_open: str

    # message box
    message: str
    placeholder: str
    send: str
    stop: str
    queued_messages: str
    take_back: str
    send_now: str
    attach_files: str
    attached_files: str
    remove_file: str
    uploading: str
    upload_failed: str
    file_too_large: str
    too_many_files: str
    no_images: str
    disclaimer: str

    # settings
    settings: str
    theme: str
    theme_system: str
    theme_light: str
    theme_dark: str
    language: str
    language_name: str

    # the visitor's data
    my_data: str
    where_kept: str
    all_conversations: str
    export_all: str
    import_file: str
    imported: str
    nothing_imported: str
    already_there: str
    delete_all: str
    delete_all_detail: str

    # keyboard shortcuts
    shortcuts: str
    focus_message: str
    edit_last: str
    copy_answer: str

    # errors
    errors: dict[str, str]

    # invalid requests to the API
    invalid_field: str
    problems: dict[str, str]

    # invalid archives
    archive_problems: dict[str, str]

    # refused files
    file_problems: dict[str, str]
