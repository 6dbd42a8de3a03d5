"""What `groundswell source try` and `groundswell source confirm` do on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from alerts.message import clean
from config.error import ConfigError, Problem
from config.explanation import did_you_mean
from config.principal import SYSTEM
from config.settings import Declaration, SourceSpec
from crawlers.registry import terms_of
from groundswell import trial
from groundswell.bootstrap import House, prepare
from groundswell.console import ask_monitor, has_monitor, why_unfinished
from groundswell.source_file import SourceFile
from storage import declared
from storage.migration import is_current
from storage.request import Tried, TriedItem, TriedPage, TrySource

_ALWAYS: Final = ("text", "author", "date", "rating")
"""Fields whose share is told even where no item has them."""
_SHORT: Final = 100
_NAME: Final = 24
_URL: Final = 200


def try_file(house: House, file: SourceFile, name: str | None) -> int:
    """Show what the sources of a file would collect, one or all; return 1 when one of them shows nothing.

    A living monitor does the reading, with its own secrets; else this process does. Raise ConfigError, with nothing
    read, where the file's options are wrong.
    """
    chosen = file.pick(name)
    alive = is_current(house.db) and has_monitor(house)
    file.check(chosen, environ=None if alive else house.environ)
    console = Console()
    went_well = []
    for source in chosen:
        tried = _ask(house, source) if alive else _read(house, source)
        console.print(report(source, tried), soft_wrap=True)
        went_well.append(tried.found > 0)
    return 0 if all(went_well) else 1


def confirm(house: House, name: str) -> None:
    """Note that a source may be read although its terms restrict that.

    Raise ConfigError where there is no such source, where it is not restricted, or where it belongs to the file.
    """
    prepare(house)
    sources = {source.item.name: source for source in declared.catalogue(house.db).sources}
    if name not in sources:
        wrong = f"there is no source {name!r}{did_you_mean(name, sources)}"
        raise ConfigError([Problem(key="source", message=wrong, allowed=", ".join(sources) or "none is declared yet")])
    source = sources[name]
    if terms_of(source.item) != "restricted":  # else it would be confirmed for terms of later days
        wrong = f"the source {name!r} is not restricted: there is nothing to confirm, and nothing was changed"
        raise ConfigError([Problem(key="source", message=wrong, allowed="a source with terms: restricted")])
    confirmed = source.item.model_copy(update={"confirmed": True})
    declared.save(house.db, Declaration(sources=(confirmed,)), by=SYSTEM, now=house.clock(), key=house.secret_key)
    from_when = "it is read from now on" if source.enabled else "it is read once it is switched on"
    Console().print(Text(f"{name}: confirmed; {from_when}."), soft_wrap=True)


def _ask(house: House, source: SourceSpec) -> Tried:
    job = ask_monitor(house, "try_source", TrySource(source=source))
    if job.state == "done" and job.result is not None:
        return Tried.model_validate(job.result)
    return Tried(error=why_unfinished(job))


def _read(house: House, source: SourceSpec) -> Tried:
    try:
        return trial.as_result(trial.try_source(house, source))
    except ConfigError as error:
        return Tried(error="; ".join(str(problem) for problem in error.problems))


def report(source: SourceSpec, tried: Tried) -> Text:
    """Return what a trial came to as lines for the terminal; what pages said is plain text there."""
    return Text("\n").join([Text(f"{source.name} ({source.type})", style="bold"), *_lines(tried)])


def _lines(tried: Tried) -> Iterator[Text]:
    for page in tried.pages:
        yield Text(f"  {_page(page)}", style="yellow" if page.problem else "")
    if tried.items:
        yield Text("  The first items:")
    for item in tried.items:
        yield Text(f"    {_item(item)}")
    if tried.found:
        counts = {**dict.fromkeys(_ALWAYS, 0), **tried.fields}
        shares = (f"{name} {n / tried.found:.0%}" for name, n in counts.items())
        yield Text(f"  {tried.found} {'item' if tried.found == 1 else 'items'}, with: {', '.join(shares)}")
    for warning in tried.warnings:
        yield Text(f"  look: {clean(warning, 500)}", style="yellow")
    if tried.error:
        yield Text(f"  {clean(tried.error, 500)}", style="red")
    if not tried.found:
        yield Text("  Nothing was found.", style="red")


def _page(page: TriedPage) -> str:
    said = page.problem or f"items: {page.items}, links: {page.links}"
    return f"{page.role:8} {clean(page.url, _URL)}  {clean(said, _URL)}"


def _item(item: TriedItem) -> str:
    date = f"{item.published_at:%Y-%m-%d}" if item.published_at else "no date"
    # As it is counted: what stood there may be a class name such as "star-rating Four".
    rating = f"{item.rating * 5:.3g}/5" if item.rating is not None else "-"
    words = f"{item.title}. {item.text}" if item.title and not item.text.startswith(item.title) else item.text
    author = clean(item.author or "-", _NAME)
    return f"{date:10}  {author:{_NAME}}  {clean(rating, 10):5}  {clean(words, _SHORT)}"
