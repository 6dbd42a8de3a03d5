"""`groundswell init`: from a person's answers to a brand that is listened for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from alerts import registry
from config import environment, explanation
from config.error import ConfigError, Problem
from config.settings import Declaration, SourceSpec
from groundswell import proposal
from groundswell.answers import Answers
from groundswell.visit import Visit

_FLAGS: Final = {
    "brands[0].name": "--brand",
    "brands[0].country": "--country",
    "brands[0].languages": "--language",
    "brands[0].timezone": "--timezone",
    "queries[0].any": "--word",
    "brands[0].accounts": "--account",
    "brands[0].domains": "--domain",
    "E-mail.host": "--smtp",
    "E-mail.port": "--smtp",
    "E-mail.sender": "--smtp-sender",
    "E-mail.to": "--email",
    "E-mail": "--smtp-username and --smtp-password",
    "Slack": "--slack",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A proposed source, what one visit to it brought, and whether it is kept."""

    source: SourceSpec
    visit: Visit

    @property
    def kept(self) -> bool:
        """A source that answers is kept, and one whose trouble may pass: the monitor tries it again."""
        return self.visit.error is None or self.visit.passing

    def __str__(self) -> str:
        if self.visit.error is None:
            return f"{self.source.name}: {self.visit}"
        fate = "kept, it will be tried again" if self.kept else "left out"
        return f"{self.source.name}: {self.visit} ({fate})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What `init` did. `file_written` is False when a file was there already: it is left as it was."""

    declaration: Declaration
    tried: tuple[Tried, ...]
    file: Path
    file_written: bool


def init(
    answers: Answers,
    *,
    file: Path,
    visit: Callable[[SourceSpec], Visit],
    save: Callable[[Declaration], None],
    tell: Callable[[Tried], None] = lambda _: None,
) -> Beginning:
    """Check every proposed source by really reading it, save the brand, write the server's settings to `file`.

    `tell` is called after each visit. Raise ConfigError, with nothing saved, when an answer cannot be used;
    whatever `save` raises goes through, with no file written.
    """
    proposed = _declared(answers)
    tried = []
    for source in proposal.sources(answers):
        tried.append(Tried(source=source, visit=visit(source)))
        tell(tried[-1])
    declaration = proposed.model_copy(update={"sources": tuple(each.source for each in tried if each.kept)})
    save(declaration)
    written = _write(file, proposal.settings_file(proposal.settings(answers)))
    return Beginning(declaration=declaration, tried=tuple(tried), file=file, file_written=written)


def _declared(answers: Answers) -> Declaration:
    """Return what `answers` declare, without sources; whatever is wrong is reported under its flag's name."""
    try:
        declaration = proposal.declaration(answers, ())
    except ValidationError as error:
        raise ConfigError(map(_of_flag, explanation.problems(error, Declaration))) from error
    try:
        for channel in declaration.channels:
            registry.check(channel.type, channel.options, prefix=channel.name)
    except ConfigError as error:
        raise ConfigError(map(_of_flag, error.problems)) from error
    return declaration


def _of_flag(problem: Problem) -> Problem:
    flag = next((flag for key, flag in _FLAGS.items() if problem.key.startswith(key)), problem.key)
    return Problem(key=flag, message=problem.message, allowed=problem.allowed)


def _write(file: Path, text: str) -> bool:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        message = f"the brand is saved, but {file} cannot be written: {error.strerror}"
        raise ConfigError([Problem(key="--config", message=message, allowed="a folder that is writable")]) from error
    return True


def next_steps(beginning: Beginning) -> tuple[str, ...]:
    """Return what to tell the person now, one line each."""
    declaration = beginning.declaration
    brand, sources = declaration.brands[0].name, len(declaration.sources)
    lines = [f"{brand} is saved, with {sources} {'source' if sources == 1 else 'sources'} and one alert rule."]
    if not sources:
        lines.append("No source could be read. Add one in the dashboard, or run `groundswell init` again.")
    if not declaration.channels:
        lines.append("No alerts go out yet: add Slack or e-mail in the dashboard, under Settings.")
    else:
        lines.append("Send a test message to the channels: groundswell check --send-test")
    if beginning.file_written:
        lines.append(f"The server's settings are in {beginning.file}; every one is explained there.")
    else:
        lines.append(f"{beginning.file} was there already and is left as it was.")
    lines += _about_languages(declaration)
    return (*lines, "Start listening: groundswell run")


def _about_languages(declaration: Declaration) -> list[str]:
    unread = [code for code in declaration.brands[0].languages if code != "en"]
    if not unread:
        return []
    return [
        (
            f"Mentions in {', '.join(unread)} are collected and searchable; their sentiment is shown as not scored, "
            "because only English is read so far."
        )
    ]


def default_file(given: Path | None, *, environ: Mapping[str, str], folder: Path) -> Path:
    """Return where `init` writes the settings: `--config`, else `GROUNDSWELL_CONFIG`, else groundswell.yaml."""
    named = environ.get(environment.CONFIG, "").strip()
    return given or (Path(named) if named else folder / "groundswell.yaml")
