"""A file of sources to try: one source, or a whole configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from config import explanation
from config import file as files
from config.document import Document
from config.error import ConfigError, Problem
from config.file import Loaded
from config.settings import Declaration, SourceSpec
from groundswell.checking import check_source


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """What a file declares. `keys` are the key paths of its sources, in order; `is_whole` says that it is a whole
    configuration, not one source."""

    loaded: Loaded
    keys: tuple[str, ...]
    is_whole: bool

    @property
    def sources(self) -> tuple[SourceSpec, ...]:
        """Its sources, in order."""
        return self.loaded.declaration.sources

    def pick(self, name: str | None) -> tuple[SourceSpec, ...]:
        """Return the source called `name`, or all; raise ConfigError where there is none."""
        found = tuple(source for source in self.sources if name in (None, source.name))
        if found:
            return found
        names = [source.name for source in self.sources]
        wrong = f"there is no source {name!r} in it{explanation.did_you_mean(name, names)}" if name else "has no source"
        problem = self.loaded.problem("sources", wrong, allowed=", ".join(names) or "at least one under sources")
        raise ConfigError([problem])

    def check(self, chosen: tuple[SourceSpec, ...], *, environ: Mapping[str, str] | None) -> None:
        """Raise ConfigError with everything that is wrong with the options of `chosen`; see `check_source`."""
        problems = [
            problem
            for key, source in zip(self.keys, self.sources, strict=True)
            if source in chosen
            for problem in check_source(self.loaded, key, source, environ=environ)
        ]
        if problems:
            raise ConfigError(problems)


def read_sources(path: Path, *, environ: Mapping[str, str]) -> SourceFile:
    """Return what `path` declares; raise ConfigError with file, line and key of everything that is wrong with it."""
    document = files.read_document(path)
    if document.problems:
        raise ConfigError(document.problems)
    if isinstance(document.data, dict) and document.data and not document.data.keys() & Declaration.model_fields.keys():
        return _one(path, document)
    loaded = files.load(path, environ=environ)
    keys = tuple(f"sources[{index}]" for index in range(len(loaded.declaration.sources)))
    return SourceFile(loaded=loaded, keys=keys, is_whole=True)


def _one(path: Path, document: Document) -> SourceFile:
    try:
        source = SourceSpec.model_validate(document.data)
    except ValidationError as error:
        raise ConfigError(_problems(error, path, document)) from error
    loaded = Loaded(declaration=Declaration(sources=(source,)), path=path, positions=document.positions)
    return SourceFile(loaded=loaded, keys=("",), is_whole=False)


def _problems(error: ValidationError, path: Path, document: Document) -> tuple[Problem, ...]:
    return explanation.problems(error, SourceSpec, file=str(path), positions=document.positions)
