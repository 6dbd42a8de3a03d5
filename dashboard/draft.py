"""An item while somebody edits it: where its widgets keep what is typed, and what was found wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from config.error import Problem
from storage.declared import Kind

_WRONG: Final = "draft.wrong"
_NOTHING: Final[tuple[str, tuple[Problem, ...], bool]] = ("", (), False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is edited: `kind` of item and its `name`; None for a new one."""

    kind: Kind
    name: str | None

    @property
    def id(self) -> str:
        """What tells this draft from others."""
        return f"{self.kind}.{self.name or ''}"

    def key(self, field: str) -> str:
        """Return where the widget of `field` keeps what is typed."""
        return f"draft.{self.id}.{field}"

    def typed(self, field: str) -> Any:
        """Return what is typed into `field`; None where there is no such widget."""
        return st.session_state.get(self.key(field))

    def text(self, field: str) -> str:
        """Return what is typed into `field` as one line of text."""
        return " ".join(str(self.typed(field) or "").split())

    # -- what is wrong --------------------------------------------------------------------------

    def refuse(self, problems: Iterable[Problem], *, tried: bool = False) -> None:
        """Keep what was found wrong, for the page to show beside the fields; `tried`: it was not to be saved yet."""
        st.session_state[_WRONG] = (self.id, tuple(problems), tried)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found wrong when it was last to be saved or tried."""
        owner, problems, _ = st.session_state.get(_WRONG, _NOTHING)
        return problems if owner == self.id else ()

    @property
    def was_tried(self) -> bool:
        """Whether it was found wrong when it was to be tried, not saved."""
        owner, _, tried = st.session_state.get(_WRONG, _NOTHING)
        return bool(tried) and owner == self.id

    def problems_of(self, field: str) -> tuple[Problem, ...]:
        """Return what was found wrong with `field` or inside it."""
        return tuple(
            problem
            for problem in self.problems
            if problem.key == field or problem.key.startswith((f"{field}.", f"{field}["))
        )

    def problems_elsewhere(self, fields: Iterable[str]) -> tuple[Problem, ...]:
        """Return what was found wrong with none of `fields`."""
        beside = {problem for field in fields for problem in self.problems_of(field)}
        return tuple(problem for problem in self.problems if problem not in beside)


def forget() -> None:
    """Forget what was found wrong with whatever was edited last."""
    st.session_state.pop(_WRONG, None)


def under(prefix: str, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems with their keys under `prefix`."""
    return tuple(
        Problem(
            key=f"{prefix}.{problem.key}" if problem.key else prefix, message=problem.message, allowed=problem.allowed
        )
        for problem in problems
    )
