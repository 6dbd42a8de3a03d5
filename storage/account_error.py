"""What goes wrong with accounts, said so that people can read it in their own language.

AccountError        an account cannot be made or changed as asked
LoginError          the login is refused; with `retry_at`, until then
"""

from __future__ import annotations

from datetime import datetime

from config.i18n import Translator


class _SayableError(Exception):
    """An error whose text is shown on a page: `say` gives it in the reader's language."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message.format(**values))
        self._message = message
        self._values = values

    def say(self, t: Translator) -> str:
        """Return the text in the translator's language."""
        return t(self._message, **self._values)


class AccountError(_SayableError):
    """An account cannot be made or changed as asked; nothing was changed."""


class LoginError(_SayableError):
    """The login is refused. `retry_at` is set after too many wrong passwords: before it, trying is no use."""

    def __init__(self, message: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at
