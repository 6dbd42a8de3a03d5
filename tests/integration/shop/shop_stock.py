"""What the shop begins with: 30 products in two categories, and 156 reviews of 60 days, the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

SEED: Final = 31
DAYS: Final = 60
KITCHEN: Final = (
    "Kettle Aria",
    "Toaster Nord",
    "Чайник «Ветер»",
    "Blender Pulse & Co",
    "Kawiarka Łoś",
    "Pan 28 cm",
    "Сковорода чавунна",
    "Knife set",
    "Grater",
    "Scale Gram",
    "Mixer Volt",
    "Waga kuchenna",
    "Rolling pin",
    "Juicer",
    "Bread maker",
    "Rice cooker",
    "Colander",
)
BEDROOM: Final = (
    "Lamp Luna",
    "Pillow Cloud",
    "Blanket Moss",
    "Ковдра «Мрія»",
    "Poduszka Puch",
    "Mattress Drift",
    "Alarm clock",
    "Plaid",
    "Curtain Dusk",
    "Rug Fjord",
    "Mirror",
    "Hanger",
    "Night light",
)
# How many reviews the first products have; those after them have none. Oscar shows 20 on a page.
NUMBERS: Final = (45, 23, 20, 21, 3, 4, 1, 2, 5, 3, 1, 2, 6, 1, 3, 2, 1, 4, 2, 1, 3, 2, 1)
PEOPLE: Final = (
    ("Olena", "Шевчук"),
    ("Иван", "Петров"),
    ("Zofia", "Wójcik"),
    ("Sam", "O'Neill"),
    ("Marta", "Łęcka"),
    ("Андрій", "Коваль"),
    ("", ""),  # Oscar calls those without a name "anonymous"
)
PASSERS_BY: Final = ("Anna", "Дмитро", "Kasia z Łodzi", "J. <Mac> Ray", "Ольга П.", "bob & co", "Їжак", "T")
# (title, text) by score.
WORDS: Final = {
    1: (
        ("Never again", "Broke after two days and nobody answers. I want my money back!"),
        ("Ужас", "Сломался через неделю, деньги не возвращают. Никому не советую."),
        ("Жах", "Зламався за тиждень, гроші не повертають.\n\nНікому не раджу."),
        ("Koszmar", "Zepsuł się po tygodniu. Zwrotu pieniędzy nie ma, obsługa milczy."),
    ),
    2: (
        ("Not what I ordered", 'The box was open & the lid is loose: 2 < 3 parts, they say "it happens".'),
        ("Так себе", "Пришёл поцарапанным, запах держится уже месяц."),
        ("Слабо", "Приїхав подряпаним — кур’єр кинув коробку під двері 😡"),
        ("Słabo", "Przyszedł porysowany, a kurier rzucił paczkę pod drzwi…"),
    ),
    3: (
        ("It is all right", "Does what it says. Neither good nor bad; the manual is no use."),
        ("Нормально", "За эти деньги сойдёт, но шумит."),
        ("Нормально", "За ці гроші піде, але гуде."),
        ("Może być", "Za te pieniądze ujdzie, ale hałasuje."),
    ),
    4: (
        ("Good", "Works well, arrived a day late.\nWould buy again."),
        ("Хорошо", "Хорошая вещь, только инструкция не на русском."),
        ("Добре", "Гарна річ, їздить ґречно, лише інструкція не українською."),
        ("Dobre", "Dobra rzecz, tylko instrukcja nie po polsku."),
    ),
    5: (
        ("Excellent!", "Best thing in my kitchen. Quick delivery, friendly support."),
        ("Отлично", "Лучшее, что я покупала за год! Спасибо."),
        ("Чудово", "Найкраще, що я купувала за рік! Дякую."),
        ("Świetne", "Najlepsze, co kupiłam w tym roku! Dziękuję."),
    ),
}


@dataclass(frozen=True)
class Line:
    """One review to be: `person` is an index into PEOPLE, or `name` that of a passer-by."""

    product: str
    title: str
    body: str
    score: int
    at: datetime
    person: int | None = None
    name: str = ""


def titles() -> list[str]:
    """Return the products, in the order in which NUMBERS counts their reviews: the two categories in turn."""
    longest = max(len(KITCHEN), len(BEDROOM))
    return [group[place] for place in range(longest) for group in (KITCHEN, BEDROOM) if place < len(group)]


def lines(until: datetime) -> Iterator[Line]:
    """Yield the reviews, written in the DAYS before `until`; nobody with an account reviews a product twice."""
    chance = random.Random(SEED)
    for product, number in zip(titles(), NUMBERS, strict=False):
        people = chance.sample(range(len(PEOPLE)), k=min(number // 2, len(PEOPLE)))
        for place in range(number):
            score = chance.randint(1, 5)
            title, body = chance.choice(WORDS[score])
            person = people[place] if place < len(people) else None
            name = "" if person is not None else chance.choice(PASSERS_BY)
            at = _at(chance, until)
            yield Line(product=product, title=title, body=body, score=score, at=at, person=person, name=name)


def _at(chance: random.Random, until: datetime) -> datetime:
    at = until - timedelta(minutes=chance.randint(60, DAYS * 24 * 60))
    # Oscar writes "noon", "midnight" and "9 a.m.": each is to occur.
    return at.replace(minute=0) if chance.random() < 0.3 else at
