"""The content of a message is a list of parts in a table of its own; questions name their author."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_COPY_REASONING = """
INSERT INTO message_parts (message_id, position, kind, text, data)
SELECT id, 0, 'reasoning', reasoning,
    CASE WHEN reasoning_duration IS NULL THEN '' ELSE '{"seconds": ' || reasoning_duration || '}' END
FROM messages WHERE reasoning <> ''
"""
_COPY_TEXT = """
INSERT INTO message_parts (message_id, position, kind, text, data)
SELECT id, CASE WHEN reasoning = '' THEN 0 ELSE 1 END, 'text', text, '' FROM messages WHERE text <> ''
"""
_COPY_AUTHOR = """
UPDATE messages SET author_id = (SELECT owner FROM conversations WHERE conversations.id = messages.conversation_id)
WHERE role = 'user'
"""


def upgrade() -> None:
    op.create_table(
        "message_parts",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_message_parts_message_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "position", name="pk_message_parts"),
    )
    op.add_column("messages", sa.Column("author_id", sa.Text(), server_default=sa.text("''"), nullable=False))
    for statement in (_COPY_REASONING, _COPY_TEXT, _COPY_AUTHOR):
        op.execute(statement)
    for column in ("text", "reasoning", "reasoning_duration"):
        op.drop_column("messages", column)
