"""The first schema."""

import sqlalchemy as sa
from alembic import op
import storage.instant


revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('login', sa.String(length=200), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('brands', sa.JSON(), nullable=True),
    sa.Column('locale', sa.String(length=8), nullable=False),
    sa.Column('timezone', sa.String(length=60), nullable=False),
    sa.Column('created_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('disabled_at', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('login', name=op.f('uq_account_login'))
    )
    op.create_table('author',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('platform', sa.String(length=200), nullable=False),
    sa.Column('handle', sa.String(length=300), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=True),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('followers', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_author')),
    sa.UniqueConstraint('platform', 'handle', name=op.f('uq_author_platform_handle')),
    sqlite_autoincrement=True
    )
    op.create_table('brand',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('declared', sa.JSON(), nullable=False),
    sa.Column('managed_by', sa.String(length=8), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('updated_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_brand')),
    sa.UniqueConstraint('name', name=op.f('uq_brand_name'))
    )
    op.create_table('channel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('type', sa.String(length=40), nullable=False),
    sa.Column('declared', sa.JSON(), nullable=False),
    sa.Column('managed_by', sa.String(length=8), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('updated_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel')),
    sa.UniqueConstraint('name', name=op.f('uq_channel_name'))
    )
    op.create_table('coverage',
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('covered_from', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('covered_to', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('source_id', 'covered_from', name=op.f('pk_coverage'))
    )
    op.create_table('heartbeat',
    sa.Column('process', sa.String(length=40), nullable=False),
    sa.Column('pid', sa.Integer(), nullable=False),
    sa.Column('host', sa.String(length=200), nullable=False),
    sa.Column('started_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('process', name=op.f('pk_heartbeat'))
    )
    op.create_table('job',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('request', sa.JSON(), nullable=False),
    sa.Column('requester', sa.String(length=200), nullable=False),
    sa.Column('idempotency_key', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('progress', sa.Float(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('created_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('started_at', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('finished_at', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('expires_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('lease_owner', sa.String(length=80), nullable=True),
    sa.Column('lease_until', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_job_idempotency_key'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_state', ['state', 'created_at'], unique=False)

    op.create_table('login_failure',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('login', sa.String(length=200), nullable=False),
    sa.Column('remote', sa.String(length=80), nullable=False),
    sa.Column('at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_failure'))
    )
    with op.batch_alter_table('login_failure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_failure_at'), ['at'], unique=False)

    op.create_table('mention_brand',
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('brand_id', sa.Integer(), nullable=False),
    sa.Column('published_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('source_kind', sa.String(length=12), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('label', sa.String(length=8), nullable=False),
    sa.Column('label_by', sa.String(length=80), nullable=False),
    sa.Column('unsure', sa.Boolean(), nullable=False),
    sa.Column('relevance', sa.Float(), nullable=False),
    sa.Column('hidden', sa.Boolean(), nullable=False),
    sa.Column('undated', sa.Boolean(), nullable=False),
    sa.Column('backfill', sa.Boolean(), nullable=False),
    sa.Column('story_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('is_lead', sa.Boolean(), nullable=False),
    sa.Column('spans', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('mention_id', 'brand_id', name=op.f('pk_mention_brand')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('mention_brand', schema=None) as batch_op:
        batch_op.create_index('ix_mention_brand_list', ['brand_id', 'published_at', 'mention_id', 'label', 'source_id', 'source_kind', 'language', 'hidden', 'undated'], unique=False)
        batch_op.create_index('ix_mention_brand_source', ['source_id', 'published_at'], unique=False)

    op.create_table('mention_key',
    sa.Column('platform', sa.String(length=200), nullable=False),
    sa.Column('external_id', sa.String(length=500), nullable=False),
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('platform', 'external_id', name=op.f('pk_mention_key')),
    sqlite_with_rowid=False
    )
    op.create_table('mention_revision',
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('replaced_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('title', sa.Text(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('mention_id', 'replaced_at', name=op.f('pk_mention_revision'))
    )
    op.create_table('mention_source',
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('mention_id', 'source_id', name=op.f('pk_mention_source')),
    sqlite_with_rowid=False
    )
    op.create_table('metric',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('label', sa.String(length=120), nullable=False),
    sa.Column('value', sa.Float(), nullable=False),
    sa.Column('at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', 'label', name=op.f('pk_metric'))
    )
    op.create_table('plugin',
    sa.Column('registry', sa.String(length=20), nullable=False),
    sa.Column('type', sa.String(length=40), nullable=False),
    sa.Column('schema', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('registry', 'type', name=op.f('pk_plugin'))
    )
    op.create_table('reject',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=80), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('external_id', sa.String(length=500), nullable=True),
    sa.Column('line', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reject'))
    )
    with op.batch_alter_table('reject', schema=None) as batch_op:
        batch_op.create_index('ix_reject_source', ['source_id', 'id'], unique=False)

    op.create_table('reject_count',
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=80), nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('source_id', 'reason', name=op.f('pk_reject_count'))
    )
    op.create_table('revision',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=200), nullable=False),
    sa.Column('what', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revision'))
    )
    op.create_table('rollup',
    sa.Column('brand_id', sa.Integer(), nullable=False),
    sa.Column('hour', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('source_kind', sa.String(length=12), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('label', sa.String(length=8), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('brand_id', 'hour', 'source_kind', 'language', 'label', name=op.f('pk_rollup')),
    sqlite_with_rowid=False
    )
    op.create_table('score',
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('brand_id', sa.Integer(), nullable=False),
    sa.Column('classifier', sa.String(length=80), nullable=False),
    sa.Column('label', sa.String(length=8), nullable=False),
    sa.Column('negative', sa.Float(), nullable=False),
    sa.Column('neutral', sa.Float(), nullable=False),
    sa.Column('positive', sa.Float(), nullable=False),
    sa.Column('unsure', sa.Boolean(), nullable=False),
    sa.Column('scored_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('mention_id', 'brand_id', 'classifier', name=op.f('pk_score')),
    sqlite_with_rowid=False
    )
    op.create_table('secret',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('ciphertext', sa.Text(), nullable=False),
    sa.Column('updated_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_secret'))
    )
    op.create_table('to_judge',
    sa.Column('brand_id', sa.Integer(), nullable=False),
    sa.Column('hour', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('queued_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('brand_id', 'hour', name=op.f('pk_to_judge'))
    )
    op.create_table('workspace',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_workspace'))
    )
    op.create_table('incident',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('group_key', sa.String(length=300), nullable=False),
    sa.Column('cause', sa.String(length=12), nullable=False),
    sa.Column('brand_id', sa.Integer(), nullable=True),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('severity', sa.String(length=8), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.JSON(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('opened_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('updated_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('acknowledged_by', sa.String(length=200), nullable=True),
    sa.Column('acknowledged_at', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('resolved_by', sa.String(length=200), nullable=True),
    sa.Column('resolved_at', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('invented', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_incident_brand_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident'))
    )
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.create_index('ix_incident_group', ['group_key', 'opened_at'], unique=False)
        batch_op.create_index('ix_incident_opened', ['opened_at'], unique=False)
        batch_op.create_index('uq_incident_open', ['group_key'], unique=True, sqlite_where=sa.text("state <> 'resolved'"), postgresql_where=sa.text("state <> 'resolved'"))

    op.create_table('mention',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('platform', sa.String(length=200), nullable=False),
    sa.Column('external_id', sa.String(length=500), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('title', sa.Text(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('rating', sa.Float(), nullable=True),
    sa.Column('reach', sa.BigInteger(), nullable=True),
    sa.Column('likes', sa.BigInteger(), nullable=True),
    sa.Column('shares', sa.BigInteger(), nullable=True),
    sa.Column('replies', sa.BigInteger(), nullable=True),
    sa.Column('parent', sa.String(length=500), nullable=True),
    sa.Column('product', sa.String(length=300), nullable=True),
    sa.Column('place', sa.String(length=300), nullable=True),
    sa.Column('region', sa.String(length=300), nullable=True),
    sa.Column('published_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('collected_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('undated', sa.Boolean(), nullable=False),
    sa.Column('deleted_at', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('matched', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['author.id'], name=op.f('fk_mention_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mention')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('mention', schema=None) as batch_op:
        batch_op.create_index('ix_mention_author', ['author_id', 'published_at'], unique=False)
        batch_op.create_index('ix_mention_unmatched', ['collected_at'], unique=False, sqlite_where=sa.text('NOT matched'), postgresql_where=sa.text('NOT matched'))

    op.create_table('query',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('brand_id', sa.Integer(), nullable=False),
    sa.Column('declared', sa.JSON(), nullable=False),
    sa.Column('managed_by', sa.String(length=8), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('updated_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_query_brand_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_query')),
    sa.UniqueConstraint('name', name=op.f('uq_query_name'))
    )
    with op.batch_alter_table('query', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_query_brand_id'), ['brand_id'], unique=False)

    op.create_table('rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('brand_id', sa.Integer(), nullable=True),
    sa.Column('declared', sa.JSON(), nullable=False),
    sa.Column('managed_by', sa.String(length=8), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('updated_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_rule_brand_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule')),
    sa.UniqueConstraint('name', name=op.f('uq_rule_name'))
    )
    op.create_table('session',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('created_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('expires_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('seen_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_session_user_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_session'))
    )
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_user_id'), ['user_id'], unique=False)

    op.create_table('source',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('type', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('brand_id', sa.Integer(), nullable=True),
    sa.Column('declared', sa.JSON(), nullable=False),
    sa.Column('managed_by', sa.String(length=8), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('created_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('updated_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_source_brand_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source')),
    sa.UniqueConstraint('name', name=op.f('uq_source_name'))
    )
    with op.batch_alter_table('source', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_source_brand_id'), ['brand_id'], unique=False)

    op.create_table('incident_log',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('incident_id', sa.String(length=36), nullable=False),
    sa.Column('at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=200), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_incident_log_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_log'))
    )
    with op.batch_alter_table('incident_log', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incident_log_incident_id'), ['incident_id'], unique=False)

    op.create_table('outbox',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('incident_id', sa.String(length=36), nullable=False),
    sa.Column('channel', sa.String(length=80), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('created_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('next_at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('lease_owner', sa.String(length=80), nullable=True),
    sa.Column('lease_until', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('sent_at', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_outbox_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('incident_id', 'channel', 'revision', name=op.f('uq_outbox_incident_id_channel_revision'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_due', ['next_at'], unique=False, sqlite_where=sa.text("state IN ('pending', 'sending')"), postgresql_where=sa.text("state IN ('pending', 'sending')"))

    op.create_table('source_state',
    sa.Column('source_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('cursor', sa.JSON(), nullable=True),
    sa.Column('last_started', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('last_success', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('last_error_at', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('last_error_permanent', sa.Boolean(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('not_before', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('lease_owner', sa.String(length=80), nullable=True),
    sa.Column('lease_until', storage.instant.UtcInstant(timezone=True), nullable=True),
    sa.Column('collected', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_source_state_source_id')),
    sa.PrimaryKeyConstraint('source_id', name=op.f('pk_source_state'))
    )
    op.create_table('delivery_attempt',
    sa.Column('outbox_id', sa.String(length=36), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('at', storage.instant.UtcInstant(timezone=True), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['outbox_id'], ['outbox.id'], name=op.f('fk_delivery_attempt_outbox_id')),
    sa.PrimaryKeyConstraint('outbox_id', 'attempt', name=op.f('pk_delivery_attempt'))
    )
    # Search: an external content table on SQLite, an expression index on PostgreSQL. No triggers.
    # `search_text` is words between single spaces (crawlers.words), so that both databases index the same words:
    # the tokenizer `ascii` cuts at spaces only, and PostgreSQL's own parser is left out.
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE mention_search USING fts5(search_text, content='mention', content_rowid='id',"
            " tokenize=\"ascii tokenchars '_'\", prefix='2 3 4')"
        )
    else:
        op.execute(
            "CREATE INDEX ix_mention_search ON mention USING gin"
            " (array_to_tsvector(array_remove(string_to_array(search_text, ' '), '')))"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE mention_search")
    else:
        op.execute("DROP INDEX ix_mention_search")
    op.drop_table('delivery_attempt')
    op.drop_table('source_state')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_due', sqlite_where=sa.text("state IN ('pending', 'sending')"), postgresql_where=sa.text("state IN ('pending', 'sending')"))

    op.drop_table('outbox')
    with op.batch_alter_table('incident_log', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_incident_log_incident_id'))

    op.drop_table('incident_log')
    with op.batch_alter_table('source', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_source_brand_id'))

    op.drop_table('source')
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_session_user_id'))

    op.drop_table('session')
    op.drop_table('rule')
    with op.batch_alter_table('query', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_query_brand_id'))

    op.drop_table('query')
    with op.batch_alter_table('mention', schema=None) as batch_op:
        batch_op.drop_index('ix_mention_unmatched', sqlite_where=sa.text('NOT matched'), postgresql_where=sa.text('NOT matched'))
        batch_op.drop_index('ix_mention_author')

    op.drop_table('mention')
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.drop_index('uq_incident_open', sqlite_where=sa.text("state <> 'resolved'"), postgresql_where=sa.text("state <> 'resolved'"))
        batch_op.drop_index('ix_incident_opened')
        batch_op.drop_index('ix_incident_group')

    op.drop_table('incident')
    op.drop_table('workspace')
    op.drop_table('to_judge')
    op.drop_table('secret')
    op.drop_table('score')
    op.drop_table('rollup')
    op.drop_table('revision')
    op.drop_table('reject_count')
    with op.batch_alter_table('reject', schema=None) as batch_op:
        batch_op.drop_index('ix_reject_source')

    op.drop_table('reject')
    op.drop_table('plugin')
    op.drop_table('metric')
    op.drop_table('mention_source')
    op.drop_table('mention_revision')
    op.drop_table('mention_key')
    with op.batch_alter_table('mention_brand', schema=None) as batch_op:
        batch_op.drop_index('ix_mention_brand_source')
        batch_op.drop_index('ix_mention_brand_list')

    op.drop_table('mention_brand')
    with op.batch_alter_table('login_failure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_login_failure_at'))

    op.drop_table('login_failure')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('ix_job_state')

    op.drop_table('job')
    op.drop_table('heartbeat')
    op.drop_table('coverage')
    op.drop_table('channel')
    op.drop_table('brand')
    op.drop_table('author')
    op.drop_table('account')
