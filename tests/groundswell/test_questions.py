from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from config.error import ConfigError
from groundswell.answers import Mail
from groundswell.questions import Flags, answer, ask, prompt_on_terminal, refuse_on_terminal


class Person:
    """Types prepared answers; an empty one takes the default."""

    def __init__(self, **answers: str | list[str]) -> None:
        self._answers = {word: [text] if isinstance(text, str) else list(text) for word, text in answers.items()}
        self.defaults: dict[str, str] = {}
        self.refused: list[str] = []
        self.hidden: list[str] = []

    def prompt(self, question: str, default: str, *, secret: bool = False) -> str:
        self.defaults[question] = default
        if secret:
            self.hidden.append(question)
        for word, texts in self._answers.items():
            if word in question and texts:
                return texts.pop(0) or default
        return default


def test_defaults_follow_the_country() -> None:
    person = Person(called="Kyiv Bank", country="Ukraine")
    answers = ask(Flags(), prompt=person.prompt, refuse=person.refused.append)
    assert (answers.brand, answers.country, answers.languages) == ("Kyiv Bank", "UA", ("uk", "ru"))
    assert (answers.timezone, answers.words, answers.locale) == ("Europe/Kyiv", ("Kyiv Bank",), "uk")
    assert answers.mail is None
    assert answers.slack is None


def test_an_answer_that_cannot_be_used_is_asked_for_again() -> None:
    person = Person(called=["a/b", "Acme, Inc"], country=["Ukrain", ""], zone=["Kyiv", "Europe/Kyiv"])
    answers = ask(Flags(), prompt=person.prompt, refuse=person.refused.append)
    assert (answers.brand, answers.country, answers.timezone) == ("Acme, Inc", None, "Europe/Kyiv")
    assert [text.split(";")[0] for text in person.refused] == [
        "'a/b' cannot be a brand's name",
        "'Ukrain' is no country (did you mean 'Ukraine'?)",
        "'Kyiv' is no IANA time zone",
    ]
    assert all(text.endswith("Please answer again.") for text in person.refused)


def test_mail_is_asked_for_step_by_step_and_the_password_is_hidden() -> None:
    person = Person(
        called="Acme",
        domains="https://www.acme.com/shop, acme.com",
        addresses="team@acme.com",
        server="mail.acme.com:465",
        User="bot",
        Password="pass, word",
    )
    answers = ask(Flags(), prompt=person.prompt, refuse=person.refused.append)
    assert answers.domains == ("acme.com",)
    assert answers.mail == Mail(
        to=("team@acme.com",),
        sender="groundswell@acme.com",
        host="mail.acme.com",
        port=465,
        username="bot",
        password="pass, word",
    )
    assert person.hidden == ["Password"]
    assert "pass" not in repr(answers)
    assert answers.contact == "team@acme.com"


def test_a_dash_leaves_a_default_out() -> None:
    person = Person(called="Acme", addresses="team@acme.com", server="mail.acme.com", owners="-")
    assert ask(Flags(), prompt=person.prompt, refuse=person.refused.append).contact is None


def test_flags_are_not_asked_for() -> None:
    person = Person()
    flags = Flags(brand=("Acme",), language=("en", "PL"), word=("acme", "acme shop"), locale=("pl",))
    answers = ask(flags, prompt=person.prompt, refuse=person.refused.append)
    assert answers.languages == ("en", "pl")
    assert not any("called" in question or "languages" in question for question in person.defaults)


def test_without_a_person_flags_and_defaults_are_enough() -> None:
    answers = answer(Flags(brand=("Acme",), country=("PL",)))
    assert (answers.languages, answers.timezone, answers.words) == (("pl",), "Europe/Warsaw", ("Acme",))


def test_every_wrong_flag_is_named_at_once() -> None:
    flags = Flags(
        country=("Nowhere",),
        language=("english",),
        domain=("no domain",),
        email=("nobody",),
        slack=("secret-text",),
        locale=("de",),
    )
    with pytest.raises(ConfigError) as caught:
        answer(flags)
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["--brand", "--smtp", "--country", "--language", "--domain", "--email", "--slack", "--locale"]
    assert "secret-text" not in str(caught.value)


@pytest.mark.parametrize("server", ["mail.acme.com:0", "mail.acme.com:70000", "http://x", "a b"])
def test_what_is_no_mail_server_is_refused(server: str) -> None:
    with pytest.raises(ConfigError, match=r"--smtp: .* is no mail server; allowed: host or host:port"):
        answer(Flags(brand=("Acme",), email=("a@b.c",), smtp=(server,)))


def test_the_terminal_asks_refuses_and_hides() -> None:
    app = typer.Typer()

    @app.command()
    def begin() -> None:
        answers = ask(Flags(), prompt=prompt_on_terminal, refuse=refuse_on_terminal)
        typer.echo(f"{answers.brand} | {answers.languages} | {answers.mail and answers.mail.password}")

    typed = ["a/b", "Acme", "pl", *[""] * 6, "team@acme.pl", "mail.acme.pl", "", "me", "hidden", "", "-"]
    done = CliRunner().invoke(app, input="\n".join([*typed, ""]))
    assert done.exit_code == 0, done.output
    assert "'a/b' cannot be a brand's name" in done.output
    assert "(codes) [pl]" in done.output
    assert "Acme | ('pl',) | hidden" in done.output
    assert done.output.count("hidden") == 1
