"""The classifiers, by name; each loads when first used."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from sentiment.classifier import Classifier

CLASSIFIERS: Final[dict[str, str]] = {
    "vader": "sentiment.vader:Vader",
}


class UnknownClassifierError(ValueError):
    """The configuration names a classifier that does not exist."""


def build(name: str) -> Classifier:
    """Return the classifier `name`, ready to score; UnknownClassifierError names what there is."""
    if name not in CLASSIFIERS:
        allowed = ", ".join(sorted(CLASSIFIERS))
        raise UnknownClassifierError(f"there is no classifier {name!r}; allowed: {allowed}")
    module, _, attribute = CLASSIFIERS[name].partition(":")
    classifier: Classifier = getattr(import_module(module), attribute)()
    return classifier
