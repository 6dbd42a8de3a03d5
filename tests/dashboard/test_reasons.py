"""Every reason for which a page is turned away has its words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawlers.web import diagnosis, refusal
from dashboard.refusal import REASONS

CRAWLERS = Path(__file__).parents[2] / "crawlers"
WRITTEN = re.compile(r"""\breason=["']([^"']+)["']""")


def written():
    """The reasons that stand in the code of the connectors as they are."""
    return sorted({reason for path in CRAWLERS.rglob("*.py") for reason in WRITTEN.findall(path.read_text("utf-8"))})


@pytest.mark.parametrize("reason", written())
def test_a_reason_that_connectors_give_is_known(reason):
    assert reason in REASONS


def test_the_reasons_of_crawls_are_known():
    refused = {value for name, value in vars(refusal).items() if name.isupper() and isinstance(value, str)}
    answered = {*diagnosis.MEANINGS.values(), *diagnosis.NETWORK_REASONS.values()}
    assert refused | answered <= REASONS
