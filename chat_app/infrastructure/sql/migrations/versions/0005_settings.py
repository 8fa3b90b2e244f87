"""The settings of conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("settings", sa.Text(), server_default=sa.text("''"), nullable=False))
