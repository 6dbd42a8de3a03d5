"""The search: what a person typed becomes words of the index, and never syntax of the database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, cast, column, false, literal, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from crawlers.normal import normalise
from crawlers.words import words_of
from storage.schema import SEARCH_TABLE, BigId, mention, mention_brand

_QUOTES: Final = re.compile('["«»“”„‟]')
_INDEXED: Final[ColumnElement[Any]] = literal_column(
    "array_to_tsvector(array_remove(string_to_array(mention.search_text, ' '), ''))"
)
"""What PostgreSQL's index holds; it must read as in the migration, or the index is not used."""
_MOST_TYPED: Final = 500
_MOST_WORDS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a text must hold, all of it: a word beginning with each of `prefixes`, and each of `phrases` as it is."""

    prefixes: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()


def read_terms(typed: str) -> Terms:
    """Return what `typed` asks for: each word is the beginning of one, "words in quotes" are a phrase.

    Spelling is folded as that of mentions is. Signs mean nothing; a quote without its pair is a sign.
    """
    parts = _QUOTES.split(typed[:_MOST_TYPED])
    inside = {n for n in range(1, len(parts), 2) if n + 1 < len(parts)}
    words = [words_of(normalise(part)) for part in parts]
    phrases = tuple(tuple(found) for n, found in enumerate(words) if n in inside and found)
    prefixes = [word for n, found in enumerate(words) if n not in inside for word in found]
    return Terms(prefixes=tuple(dict.fromkeys(prefixes))[:_MOST_WORDS], phrases=phrases[:_MOST_WORDS])


def search_clause(conn: Connection, typed: str) -> ColumnElement[bool]:
    """Return the condition that a `mention_brand` row's text holds what was typed; nothing, if that holds no word."""
    terms = read_terms(typed)
    if not terms.prefixes and not terms.phrases:
        return false()
    hits = _sqlite_hits(terms) if conn.dialect.name == "sqlite" else _postgres_hits(terms)
    return mention_brand.c.mention_id.in_(hits)


def _sqlite_hits(terms: Terms) -> Select[int]:
    """Every word stands in double quotes, where FTS5 knows no syntax; a word itself cannot hold one."""
    index = table(SEARCH_TABLE, column("rowid", BigId), column(SEARCH_TABLE))
    asked = [f'"{word}"*' for word in terms.prefixes] + [f'"{" ".join(phrase)}"' for phrase in terms.phrases]
    return select(index.c.rowid).where(index.c[SEARCH_TABLE].match(" AND ".join(asked)))


def _postgres_hits(terms: Terms) -> Select[int]:
    """The index finds texts with all the words; that those of a phrase stand in a row is read in the text itself."""
    asked = [f"'{word}':*" for word in terms.prefixes]
    asked += [f"'{word}'" for phrase in terms.phrases for word in phrase]
    found = _INDEXED.op("@@")(cast(literal(" & ".join(asked)), TSQUERY))
    padded = literal(" ").concat(mention.c.search_text).concat(" ")
    rows = [padded.contains(f" {' '.join(phrase)} ", autoescape=True) for phrase in terms.phrases if len(phrase) > 1]
    return select(mention.c.id).where(found, *rows)
