"""What one would write in an afternoon: `python straight.py FOLDER POSTS.csv`.

CSV → VADER → one table, by SQLAlchemy's bulk insert. No matching, no languages, no duplicates, no roll-ups.
"""

from __future__ import annotations

import csv
import sys
from datetime import datetime
from itertools import islice
from pathlib import Path

from meter import Meter
from sqlalchemy import Column, DateTime, Float, Integer, MetaData, String, Table, Text, create_engine, insert
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

POSTS = Table(
    "posts",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("external_id", String),
    Column("author", String),
    Column("url", String),
    Column("text", Text),
    Column("published_at", DateTime),
    Column("compound", Float),
)


def main(folder: Path, file: Path) -> None:
    """Do the work and tell the result."""
    engine = create_engine(f"sqlite:///{folder / 'straight.db'}")
    POSTS.metadata.create_all(engine)
    meter, n = Meter(), 0
    analyser = SentimentIntensityAnalyzer()
    with file.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        while part := list(islice(rows, 500)):
            values = [
                {
                    "external_id": row["id"],
                    "author": row["author"],
                    "url": row["url"],
                    "text": row["text"],
                    "published_at": datetime.fromisoformat(row["published_at"]),
                    "compound": analyser.polarity_scores(row["text"])["compound"],
                }
                for row in part
            ]
            with engine.begin() as conn:
                conn.execute(insert(POSTS), values)
            n += len(values)
    meter.tell(n)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
