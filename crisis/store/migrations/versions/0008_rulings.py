"""rulings of officers about stories, links that are proposed, and the story that another became part of"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from crisis.store.types import Json, UtcDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "ruling",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("was", sa.String(length=40), server_default="", nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["other_id"], ["story.id"], name=op.f("fk_ruling_other_id_story")),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_ruling_story_id_story")),
        sa.ForeignKeyConstraint(["undoes"], ["ruling.id"], name=op.f("fk_ruling_undoes_ruling")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
        sa.UniqueConstraint("undoes", name=op.f("uq_ruling_undoes")),
    )
    op.create_index(op.f("ix_ruling_story_id"), "ruling", ["story_id"], unique=False)
    op.create_index(op.f("ix_ruling_other_id"), "ruling", ["other_id"], unique=False)
    op.create_table(
        "ruled",
        sa.Column("ruling_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_ruled_article_id_article")),
        sa.ForeignKeyConstraint(["ruling_id"], ["ruling.id"], name=op.f("fk_ruled_ruling_id_ruling")),
        sa.PrimaryKeyConstraint("ruling_id", "article_id", name=op.f("pk_ruled")),
    )
    op.create_index(op.f("ix_ruled_article_id"), "ruled", ["article_id"], unique=False)
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("likeness", sa.Float(), nullable=False),
        sa.Column("words", Json(object), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["story.id"], name=op.f("fk_link_other_id_story")),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_link_story_id_story")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("story_id", "other_id", name=op.f("uq_link_story_id")),
    )
    op.create_index(op.f("ix_link_story_id"), "link", ["story_id"], unique=False)
    op.create_index(op.f("ix_link_other_id"), "link", ["other_id"], unique=False)
    op.add_column("story", sa.Column("into_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_story_into_id"), "story", ["into_id"], unique=False)
    _say_where_they_went()


def _say_where_they_went() -> None:
    """Stories that the ear joined before said it in their reason only."""
    db = op.get_bind()
    story = sa.table(
        "story", sa.column("id"), sa.column("state"), sa.column("decided_by"), sa.column("reason"), sa.column("into_id")
    )
    folded = sa.select(story.c.id, story.c.reason).where(story.c.state == "merged", story.c.decided_by.is_(None))
    for identity, reason in db.execute(folded).all():
        if said := re.fullmatch(r"→ S-(\d+)", reason):
            db.execute(sa.update(story).where(story.c.id == identity).values(into_id=int(said[1])))


def downgrade() -> None:
    op.drop_index(op.f("ix_story_into_id"), table_name="story")
    with op.batch_alter_table("story", schema=None) as batch_op:
        batch_op.drop_column("into_id")
    op.drop_table("link")
    op.drop_table("ruled")
    op.drop_table("ruling")
