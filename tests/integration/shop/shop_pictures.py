"""Pictures of the shop: shown in full. Oscar asks for a thumbnailer and brings none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from oscar.core.thumbnails import AbstractThumbnailer


@dataclass(frozen=True)
class Picture:
    """What templates ask a thumbnail for."""

    url: str


class Whole(AbstractThumbnailer):
    """The picture itself instead of a smaller one."""

    def generate_thumbnail(self, source: Any, **_opts: Any) -> Picture:
        """Return the picture of `source`."""
        return Picture(url=settings.MEDIA_URL + str(source))  # a name, or a file whose str() is its name

    def delete_thumbnails(self, source: Any) -> None:
        """There are none."""
