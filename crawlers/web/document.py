"""The document: one page as it was received, ready to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsel import Selector


@dataclass(frozen=True, kw_only=True)
class Document:
    """A page. `url` is the last one, after redirects; `content_type` the media type in small letters, without
    parameters; `text` the decoded body; `headers` have lower-case names."""

    url: str
    body: bytes
    text: str
    content_type: str = "text/html"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def selector(self) -> Selector:
        """The page for CSS and XPath (HTML), parsed at first use; entities are not expanded, no size is unbounded."""
        from parsel import Selector

        return Selector(text=self.text, type="html", base_url=self.url)
