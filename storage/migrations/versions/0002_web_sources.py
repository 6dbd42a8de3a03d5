"""Web sources: pages remembered, hosts left alone, visits counted, ratings as they were given."""

import sqlalchemy as sa
from alembic import op
import storage.instant


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite adds columns in place, also to tables without row ids: no table is copied, however many mentions there are.
    op.add_column('mention', sa.Column('rating_given', sa.String(length=60), nullable=True))
    op.add_column('mention_revision', sa.Column('rating', sa.Float(), nullable=True))
    op.add_column('mention_revision', sa.Column('rating_given', sa.String(length=60), nullable=True))
    op.create_table('source_page',
    sa.Column('source_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('url_hash', sa.String(length=32), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('role', sa.String(length=8), nullable=False),
    sa.Column('root', sa.Boolean(), nullable=False),
    sa.Column('depth', sa.Integer(), nullable=False),
    sa.Column('stamp', sa.Text(), nullable=True),
    sa.Column('context', sa.JSON(), nullable=False),
    sa.Column('etag', sa.Text(), nullable=True),
    sa.Column('last_modified', sa.Text(), nullable=True),
    sa.Column('keys', sa.JSON(), nullable=False),
    sa.Column('links', sa.JSON(), nullable=False),
    sa.Column('more', sa.Text(), nullable=True),
    sa.Column('nth', sa.Integer(), nullable=False),
    sa.Column('tail', sa.Text(), nullable=True),
    sa.Column('missing', sa.JSON(), nullable=False),
    sa.Column('read_at', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('full_at', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.Column('due_at', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('waiting', sa.Boolean(), nullable=False),
    sa.Column('fails', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('gone', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_source_page_source_id')),
    sa.PrimaryKeyConstraint('source_id', 'url_hash', name=op.f('pk_source_page'))
    )
    op.create_index('ix_source_page_due', 'source_page', ['source_id', 'gone', 'waiting', 'due_at', 'read_at', 'url_hash'], unique=False)
    op.create_index('ix_source_page_lists', 'source_page', ['source_id', 'role', 'root', 'gone', 'read_at'], unique=False, sqlite_where=sa.text('stamp IS NULL'), postgresql_where=sa.text('stamp IS NULL'))
    op.create_table('host_hold',
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('next_allowed_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_host_hold'))
    )
    op.create_table('source_visit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('started_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('ended_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('ok', sa.Boolean(), nullable=False),
    sa.Column('new', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('same', sa.Integer(), nullable=False),
    sa.Column('rejected', sa.Integer(), nullable=False),
    sa.Column('backfill', sa.Boolean(), nullable=False),
    sa.Column('lag_seconds', sa.Float(), nullable=True),
    sa.Column('report', sa.JSON(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_source_visit_source_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source_visit'))
    )
    op.create_index('ix_source_visit_source', 'source_visit', ['source_id', 'started_at', 'ok'], unique=False)
    op.create_index('ix_source_visit_report', 'source_visit', ['source_id', 'started_at'], unique=False, sqlite_where=sa.text('report IS NOT NULL'), postgresql_where=sa.text('report IS NOT NULL'))


def downgrade() -> None:
    op.drop_table('source_visit')
    op.drop_table('host_hold')
    op.drop_table('source_page')
    op.drop_column('mention_revision', 'rating_given')
    op.drop_column('mention_revision', 'rating')
    op.drop_column('mention', 'rating_given')
