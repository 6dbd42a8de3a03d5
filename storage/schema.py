"""The tables. Core only: the hot path writes thousands of rows a statement."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.instant import UtcInstant

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigId: Final = BigInteger().with_variant(Integer, "sqlite")


# -- what the operator declares ---------------------------------------------------------------

brand = Table(
    "brand",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("declared", JSON, nullable=False),  # the fields of config.settings.Brand
    Column("managed_by", String(8), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("updated_at", UtcInstant, nullable=False),
)

query = Table(
    "query",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("brand_id", ForeignKey("brand.id"), nullable=False, index=True),
    Column("declared", JSON, nullable=False),
    Column("managed_by", String(8), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("updated_at", UtcInstant, nullable=False),
)

source = Table(
    "source",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("type", String(40), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("brand_id", ForeignKey("brand.id"), nullable=True, index=True),
    Column("declared", JSON, nullable=False),
    Column("managed_by", String(8), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    Column("updated_at", UtcInstant, nullable=False),
)

rule = Table(
    "rule",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("brand_id", ForeignKey("brand.id"), nullable=True),
    Column("declared", JSON, nullable=False),
    Column("managed_by", String(8), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("updated_at", UtcInstant, nullable=False),
)

channel = Table(
    "channel",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("type", String(40), nullable=False),
    Column("declared", JSON, nullable=False),
    Column("managed_by", String(8), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("updated_at", UtcInstant, nullable=False),
)

# Secrets typed by people and rotating tokens: Fernet tokens, never read back to a page.
secret = Table(
    "secret",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("ciphertext", Text, nullable=False),
    Column("updated_at", UtcInstant, nullable=False),
)

# The change notice: every edit of the tables above adds a row; the monitor polls the newest id.
revision = Table(
    "revision",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", UtcInstant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("what", String(200), nullable=False),
)

workspace = Table(
    "workspace",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", JSON, nullable=False),
)

# The plugins' JSON Schemas, from which pages draw their forms.
plugin = Table(
    "plugin",
    metadata,
    Column("registry", String(20), primary_key=True),
    Column("type", String(40), primary_key=True),
    Column("schema", JSON, nullable=False),
)


# -- what was collected -----------------------------------------------------------------------

author = Table(
    "author",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("platform", String(200), nullable=False),
    Column("handle", String(300), nullable=False),
    Column("name", String(300)),
    Column("url", Text),
    Column("followers", BigInteger),
    UniqueConstraint("platform", "handle"),
    sqlite_autoincrement=True,
)

mention = Table(
    "mention",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("platform", String(200), nullable=False),
    Column("external_id", String(500), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("url", Text),
    Column("author_id", ForeignKey("author.id")),
    Column("title", Text),
    Column("text", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("rating", Float),
    Column("rating_given", String(60)),  # as the platform wrote it
    Column("reach", BigInteger),
    Column("likes", BigInteger),
    Column("shares", BigInteger),
    Column("replies", BigInteger),
    Column("parent", String(500)),
    Column("product", String(300)),
    Column("place", String(300)),
    Column("region", String(300)),
    Column("published_at", UtcInstant, nullable=False),
    Column("collected_at", UtcInstant, nullable=False),
    Column("undated", Boolean, nullable=False),
    Column("deleted_at", UtcInstant),  # the platform says that it is gone
    Column("matched", Boolean, nullable=False),  # false: concerns no brand, forgotten after a while
    Index(
        "ix_mention_unmatched", "collected_at", sqlite_where=text("NOT matched"), postgresql_where=text("NOT matched")
    ),
    Index("ix_mention_author", "author_id", "published_at"),
    sqlite_autoincrement=True,  # an id that was once given out never comes back
)

# Identity, unpartitioned: bodies may later be partitioned by `collected_at`.
mention_key = Table(
    "mention_key",
    metadata,
    Column("platform", String(200), primary_key=True),
    Column("external_id", String(500), primary_key=True),
    Column("mention_id", BigId, nullable=False),
    Column("digest", String(32), nullable=False),  # of title and text: says whether anything changed
    sqlite_with_rowid=False,
)

mention_source = Table(
    "mention_source",
    metadata,
    Column("mention_id", BigId, primary_key=True),
    Column("source_id", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

mention_revision = Table(
    "mention_revision",
    metadata,
    Column("mention_id", BigId, primary_key=True),
    Column("replaced_at", UtcInstant, primary_key=True),
    Column("title", Text),
    Column("text", Text, nullable=False),
    Column("rating", Float),
    Column("rating_given", String(60)),
)

# Scores by classifier. brand_id 0 stands for the whole text.
score = Table(
    "score",
    metadata,
    Column("mention_id", BigId, primary_key=True),
    Column("brand_id", Integer, primary_key=True),
    Column("classifier", String(80), primary_key=True),
    Column("label", String(8), nullable=False),
    Column("negative", Float, nullable=False),
    Column("neutral", Float, nullable=False),
    Column("positive", Float, nullable=False),
    Column("unsure", Boolean, nullable=False),
    Column("scored_at", UtcInstant, nullable=False),
    sqlite_with_rowid=False,
)

# The row that lists, indexes and roll-ups read.
mention_brand = Table(
    "mention_brand",
    metadata,
    Column("mention_id", BigId, primary_key=True),
    Column("brand_id", Integer, primary_key=True),
    Column("published_at", UtcInstant, nullable=False),
    Column("source_id", Integer, nullable=False),
    Column("source_kind", String(12), nullable=False),
    Column("language", String(8), nullable=False),
    Column("label", String(8), nullable=False),
    Column("label_by", String(80), nullable=False),
    Column("unsure", Boolean, nullable=False),
    Column("relevance", Float, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("undated", Boolean, nullable=False),
    Column("backfill", Boolean, nullable=False),
    Column("story_id", BigId),
    Column("is_lead", Boolean, nullable=False),
    Column("spans", JSON, nullable=False),
    # Newest first, with everything that lists filter by and counts group by: bodies are read for what is shown.
    Index(
        "ix_mention_brand_list",
        "brand_id",
        "published_at",
        "mention_id",
        "label",
        "source_id",
        "source_kind",
        "language",
        "hidden",
        "undated",
    ),
    Index("ix_mention_brand_source", "source_id", "published_at"),
    sqlite_with_rowid=False,
)

# The joint cube; moves by differences in the transaction of every change of mention_brand.
rollup = Table(
    "rollup",
    metadata,
    Column("brand_id", Integer, primary_key=True),
    Column("hour", UtcInstant, primary_key=True),
    Column("source_kind", String(12), primary_key=True),
    Column("language", String(8), primary_key=True),
    Column("label", String(8), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)


# -- how collecting goes ----------------------------------------------------------------------

source_state = Table(
    "source_state",
    metadata,
    Column("source_id", ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("cursor", JSON),
    Column("last_started", UtcInstant),
    Column("last_success", UtcInstant),
    Column("last_error", Text),
    Column("last_error_at", UtcInstant),
    Column("last_error_permanent", Boolean, nullable=False, default=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("not_before", UtcInstant),
    Column("lease_owner", String(80)),
    Column("lease_until", UtcInstant),
    Column("collected", BigInteger, nullable=False, default=0),
)

# What a web source remembers of its pages: crawlers.memory.Page.
source_page = Table(
    "source_page",
    metadata,
    Column("source_id", ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("url_hash", String(32), primary_key=True),
    Column("url", Text, nullable=False),
    Column("role", String(8), nullable=False),
    Column("root", Boolean, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("stamp", Text),
    Column("context", JSON, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("keys", JSON, nullable=False),
    Column("links", JSON, nullable=False),
    Column("more", Text),
    Column("nth", Integer, nullable=False),
    Column("tail", Text),
    Column("missing", JSON, nullable=False),
    Column("read_at", UtcInstant),
    Column("full_at", UtcInstant),
    Column("size", Integer),
    Column("due_at", UtcInstant),
    Column("waiting", Boolean, nullable=False),
    Column("fails", Integer, nullable=False),
    Column("error", Text),
    Column("gone", Boolean, nullable=False),
    # What is asked of many pages at once is answered from here: the rows themselves are long.
    Index("ix_source_page_due", "source_id", "gone", "waiting", "due_at", "read_at", "url_hash"),
    Index(
        "ix_source_page_lists",
        *("source_id", "role", "root", "gone", "read_at"),
        sqlite_where=text("stamp IS NULL"),
        postgresql_where=text("stamp IS NULL"),
    ),
)

# Hosts that asked to be left alone: every source obeys.
host_hold = Table(
    "host_hold",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("next_allowed_at", UtcInstant, nullable=False),
    Column("reason", Text, nullable=False),
)

# Every visit, for success rates and for what is normal for a source.
source_visit = Table(
    "source_visit",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("started_at", UtcInstant, nullable=False),
    Column("ended_at", UtcInstant, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("same", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("backfill", Boolean, nullable=False),
    Column("lag_seconds", Float),  # median time from publication to collection of its new items; null without any
    Column("report", JSON),  # crawlers.report.Report of a web source
    Column("error", Text),
    Index("ix_source_visit_source", "source_id", "started_at", "ok"),
    Index(
        "ix_source_visit_report",
        *("source_id", "started_at"),
        sqlite_where=text("report IS NOT NULL"),
        postgresql_where=text("report IS NOT NULL"),
    ),
)

# Publication time that was fully read. Intervals of one source never overlap: neighbours are merged.
coverage = Table(
    "coverage",
    metadata,
    Column("source_id", Integer, primary_key=True),
    Column("covered_from", UtcInstant, primary_key=True),
    Column("covered_to", UtcInstant, nullable=False),
)

reject = Table(
    "reject",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("source_id", Integer, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("reason", String(80), nullable=False),
    Column("detail", Text, nullable=False),
    Column("external_id", String(500)),
    Column("line", Integer),
    Index("ix_reject_source", "source_id", "id"),
)

reject_count = Table(
    "reject_count",
    metadata,
    Column("source_id", Integer, primary_key=True),
    Column("reason", String(80), primary_key=True),
    Column("n", BigInteger, nullable=False),
)


# -- what deserves a human --------------------------------------------------------------------

# Brands whose series changed and must be judged again.
to_judge = Table(
    "to_judge",
    metadata,
    Column("brand_id", Integer, primary_key=True),
    Column("hour", UtcInstant, primary_key=True),
    Column("queued_at", UtcInstant, nullable=False),
)

incident = Table(
    "incident",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("group_key", String(300), nullable=False),
    Column("cause", String(12), nullable=False),
    Column("brand_id", ForeignKey("brand.id")),
    Column("subject", String(300), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("opened_at", UtcInstant, nullable=False),
    Column("updated_at", UtcInstant, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("acknowledged_by", String(200)),
    Column("acknowledged_at", UtcInstant),
    Column("resolved_by", String(200)),
    Column("resolved_at", UtcInstant),
    Column("invented", Boolean, nullable=False),
    Index(
        "uq_incident_open",
        "group_key",
        unique=True,
        sqlite_where=text("state <> 'resolved'"),
        postgresql_where=text("state <> 'resolved'"),
    ),
    Index("ix_incident_opened", "opened_at"),
    Index("ix_incident_group", "group_key", "opened_at"),
)

incident_log = Table(
    "incident_log",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("incident_id", ForeignKey("incident.id"), nullable=False, index=True),
    Column("at", UtcInstant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(40), nullable=False),
    Column("note", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(36), primary_key=True),  # the event id
    Column("incident_id", ForeignKey("incident.id"), nullable=False),
    Column("channel", String(80), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("payload", JSON, nullable=False),  # the incident as it was told
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    Column("next_at", UtcInstant, nullable=False),
    Column("lease_owner", String(80)),
    Column("lease_until", UtcInstant),
    Column("sent_at", UtcInstant),
    Column("last_error", Text),
    UniqueConstraint("incident_id", "channel", "revision"),
    Index(
        "ix_outbox_due",
        "next_at",
        sqlite_where=text("state IN ('pending', 'sending')"),
        postgresql_where=text("state IN ('pending', 'sending')"),
    ),
)

delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("outbox_id", ForeignKey("outbox.id"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("at", UtcInstant, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("error", Text),
)


# -- who works here ---------------------------------------------------------------------------

user = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", String(200), nullable=False, unique=True),  # case-folded
    Column("name", String(200), nullable=False),
    Column("password_hash", Text),
    Column("role", String(16), nullable=False),
    Column("brands", JSON),  # null: every brand
    Column("locale", String(8), nullable=False),
    Column("timezone", String(60), nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    Column("disabled_at", UtcInstant),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("created_at", UtcInstant, nullable=False),
    Column("expires_at", UtcInstant, nullable=False),
    Column("seen_at", UtcInstant, nullable=False),
)

login_failure = Table(
    "login_failure",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("login", String(200), nullable=False),
    Column("remote", String(80), nullable=False),
    Column("at", UtcInstant, nullable=False, index=True),
)

job = Table(
    "job",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("request", JSON, nullable=False),
    Column("requester", String(200), nullable=False),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    Column("state", String(12), nullable=False),
    Column("progress", Float, nullable=False),
    Column("result", JSON),
    Column("error", Text),
    Column("created_at", UtcInstant, nullable=False),
    Column("started_at", UtcInstant),
    Column("finished_at", UtcInstant),
    Column("expires_at", UtcInstant, nullable=False),
    Column("lease_owner", String(80)),
    Column("lease_until", UtcInstant),
    Index("ix_job_state", "state", "created_at"),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("process", String(40), primary_key=True),
    Column("pid", Integer, nullable=False),
    Column("host", String(200), nullable=False),
    Column("started_at", UtcInstant, nullable=False),
    Column("at", UtcInstant, nullable=False),
)

metric = Table(
    "metric",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("label", String(120), primary_key=True),
    Column("value", Float, nullable=False),
    Column("at", UtcInstant, nullable=False),
)

# FTS5 external content table on SQLite and a GIN index on PostgreSQL are made by the migrations.
SEARCH_TABLE: Final = "mention_search"
WHOLE_TEXT: Final = 0  # score.brand_id of a score that is about no brand in particular
