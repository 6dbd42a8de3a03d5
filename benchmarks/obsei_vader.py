"""obsei with a VADER enricher: `PYTHON obsei_vader.py FOLDER SOURCES [--plain]`.

PYTHON has obsei and vaderSentiment installed. obsei has no VADER of its own, so the enricher is ours; source, pipeline
and store are obsei's, at its own defaults. Its encrypted store needs a download, so the store is not encrypted.
`--plain` switches its redaction of personal data off. SOURCES is a JSON list of {"type", "config"}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import obsei
from meter import Meter
from obsei.config import ObseiConfig, build_context, build_pipeline
from obsei.core.record import Enrichment, Record
from obsei.pipeline import run
from obsei.store import Store
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


class Vader:
    """Labels records by VADER's compound score, with the published bounds."""

    name = "vader"
    version = "1"

    def __init__(self) -> None:
        self._analyser = SentimentIntensityAnalyzer()

    def enrich(self, batch: Sequence[Record]) -> list[Enrichment]:
        """Return one label a record."""
        return [self._one(record.text) for record in batch]

    def _one(self, text: str) -> Enrichment:
        compound = self._analyser.polarity_scores(text)["compound"]
        label = "positive" if compound >= 0.05 else "negative" if compound <= -0.05 else "neutral"
        return Enrichment(value={"sentiment": label, "compound": compound}, model="vader")


def main(folder: Path, sources: list[dict[str, Any]], *, redact: bool) -> None:
    """Do the work and tell the result."""
    keyed = [{"key": f"source-{place}", **source} for place, source in enumerate(sources)]
    config = ObseiConfig.model_validate(
        {"privacy": {"redact": redact}, "pipelines": [{"name": "benchmark", "sources": keyed}]}
    )
    built = build_pipeline(config, "benchmark", build_context(config))
    with Store(folder / "obsei.duckdb", allow_unencrypted=True) as store:
        meter = Meter()
        report = run(replace(built, enrichers=[Vader()]), store)
        if report.errors or report.failed:
            raise RuntimeError(f"{report.errors} {report.failed}")
        meter.tell(report.stored, about=f"obsei {obsei.__version__}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), redact="--plain" not in sys.argv)
