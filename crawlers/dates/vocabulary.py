"""The words of dates in English, Russian, Ukrainian and Polish, in the normaliser's form, and patterns of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from crawlers.dates.span import Unit
from crawlers.normal import normalise

Meaning = TypeVar("Meaning")

BEGIN: Final = r"(?<![^\W_])"  # no letter and no digit before
END: Final = r"(?![^\W_])"


def table(meanings: Mapping[Meaning, str]) -> dict[str, Meaning]:
    """Return each word, normalised, with its meaning; the words are given by meaning, between spaces ("_" is one)."""
    return {normalise(word.replace("_", " ")): meaning for meaning, words in meanings.items() for word in words.split()}


def any_of(words: Iterable[str]) -> str:
    """Return a pattern that matches one of the words, the longest first; it stands in a group of its own."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"


MONTHS: Final = table(
    {
        1: "january jan январь января январе янв січень січня січні січ styczeń stycznia styczniu sty i",
        2: "february feb февраль февраля феврале февр фев лютий лютого лютому лют luty lutego lutym lut ii",
        3: "march mar март марта марте мар березень березня березні берез бер marzec marca marcu iii",
        4: "april apr апрель апреля апреле апр квітень квітня квітні квіт кві kwiecień kwietnia kwietniu kwi iv",
        5: "may май мая мае травень травня травні трав тра maj maja maju v",
        6: "june jun июнь июня июне июн червень червня червні черв чер czerwiec czerwca czerwcu cze vi",
        7: "july jul июль июля июле июл липень липня липні лип lipiec lipca lipcu lip vii",
        8: "august aug август августа августе авг серпень серпня серпні серп сер sierpień sierpnia sierpniu sie viii",
        9: "september sept sep сентябрь сентября сентябре сент сен вересень вересня вересні верес вер "
        "wrzesień września wrześniu wrz ix",
        10: "october oct октябрь октября октябре окт жовтень жовтня жовтні жовт жов "
        "październik października październiku paź x",
        11: "november nov ноябрь ноября ноябре нояб ноя листопад листопада листопаді лист лис "
        "listopada listopadzie lis xi",
        12: "december dec декабрь декабря декабре дек грудень грудня грудні груд гру grudzień grudnia grudniu gru xii",
    }
)
MONTHS["listopad"] = 11  # spelt alike in Latin letters only
WEEKDAYS: Final = table(
    {
        0: "monday mon понедельник понедельника пн понеділок понеділка poniedziałek poniedziałku pon pn",
        1: "tuesday tues tue вторник вт вівторок wtorek wt",
        2: "wednesday wed среда среду ср середа середу środa środę śr",
        3: "thursday thurs thur thu четверг чт четвер czwartek czw",
        4: "friday fri пятница пятницу пт п'ятниця п'ятницю пятниця piątek pt",
        5: "saturday sat суббота субботу сб субота суботу sobota sobotę sob",
        6: "sunday sun воскресенье воскресение вс неділя неділю нд niedziela niedzielę niedz ndz nd",
    }
)
DAYS_BACK: Final = table(
    {
        0: "today сегодня сьогодні dzisiaj dziś",
        1: "yesterday вчера вчора учора wczoraj",
        2: "the_day_before_yesterday day_before_yesterday позавчера позавчора przedwczoraj",
    }
)
SINGLE: Final[dict[str, Unit]] = table(
    {
        "second": "second секунду секунда sekundę sekunda",
        "minute": "minute минуту минута хвилину хвилина minutę minuta",
        "hour": "hour час годину година godzinę godzina",
        "day": "day день сутки добу doba dobę dzień",
        "week": "week неделю неделя тиждень tydzień",
        "month": "month месяц місяць miesiąc",
        "year": "year год рік rok",
    }
)
PLURAL: Final[dict[str, Unit]] = table(
    {
        "second": "seconds секунды секунд секунди sekundy sekund",
        "minute": "minutes минуты минут хвилини хвилин minuty minut",
        "hour": "hours часа часов години годин годині godziny godzin",
        "day": "days дня дней суток дні днів доби дней dni dnia",
        "week": "weeks недели недель тижні тижнів тижня tygodnie tygodni tygodnia",
        "month": "months месяца месяцев місяці місяців місяця miesiące miesięcy miesiąca",
        "year": "years года лет роки років року lata lat roku",
    }
)
SHORT: Final[dict[str, Unit]] = table(
    {
        "second": "s sec secs сек с sek",
        "minute": "m min mins мин хв",
        "hour": "h hr hrs ч год godz",
        "day": "d дн д dn dni",
        "week": "w wk wks нед тиж tyg tydz",
        "month": "mo mos mth мес міс mies msc",
        "year": "y yr yrs",
    }
)
COUNTS: Final = table(
    {
        0.5: "half half_a half_an пол пів pół",
        # "about" and its like stand for one where the unit follows at once: "около часа назад"
        1.0: "a an one один одну одна одне одно jeden jedną jedna около больше более близько понад більше około ponad",
        1.5: "полтора полторы півтора півтори półtora półtorej",
        2.0: "two couple_of a_couple_of a_couple два две дві пару пара dwa dwie dwóch",
        3.0: "three три trzy",
        4.0: "four четыре чотири cztery",
        5.0: "five пять п'ять pięć",
        6.0: "six шесть шість sześć",
        7.0: "seven семь сім siedem",
        8.0: "eight восемь вісім osiem",
        9.0: "nine девять дев'ять dziewięć",
        10.0: "ten десять dziesięć",
        11.0: "eleven одиннадцать одинадцять jedenaście",
        12.0: "twelve двенадцать дванадцять dwanaście",
    }
)
SOME: Final = frozenset(table({None: "a_few few several несколько кілька декілька kilka parę"}))
AGO: Final = frozenset(table({None: "ago тому_назад назад тому temu"}))
NOW: Final = frozenset(
    table(
        {
            None: "just_now right_now now a_moment_ago moments_ago less_than_a_minute_ago seconds_ago только_что "
            "прямо_сейчас сейчас меньше_минуты_назад менее_минуты_назад щойно тільки_що зараз менше_хвилини_тому "
            "przed_chwilą chwilę_temu przed_momentem teraz mniej_niż_minutę_temu"
        }
    )
)
# Minutes east of UTC. Names that mean several zones (IST) are left out: their times count as local.
ZONES: Final = {
    **dict.fromkeys(("z", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("cet", "bst", "west"), 60),
    **dict.fromkeys(("cest", "eet"), 120),
    **dict.fromkeys(("eest", "msk", "мск"), 180),
    "edt": -240,
    **dict.fromkeys(("est", "cdt"), -300),
    **dict.fromkeys(("cst", "mdt"), -360),
    **dict.fromkeys(("mst", "pdt"), -420),
    "pst": -480,
}
