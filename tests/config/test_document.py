from __future__ import annotations

import pytest

from config import document


def _read(text: str) -> document.Document:
    return document.read(text.encode(), file="x.yaml")


def _said(text: str) -> list[str]:
    return [str(problem) for problem in _read(text).problems]


def test_every_key_knows_its_line() -> None:
    read = _read("a: 1\nb:\n  - c: {d: 2}\n  - e:\n      f: 3\n")
    assert read.data == {"a": 1, "b": [{"c": {"d": 2}}, {"e": {"f": 3}}]}
    lines = {key: read.positions[key] for key in ("a", "b", "b[0].c.d", "b[1].e", "b[1].e.f")}
    assert lines == {"a": 1, "b": 2, "b[0].c.d": 3, "b[1].e": 4, "b[1].e.f": 5}


def test_a_missing_key_has_the_line_of_what_is_around_it() -> None:
    read = _read("a:\n  b:\n    c: 1\n")
    assert document.line_of(read.positions, "a.b.x.y") == 2


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2026-01-02", "2026-01-02"),
        ("0123", "0123"),
        ("true", True),
        ("12", 12),
        ("-1.5", -1.5),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ("!!str 12", "12"),
    ],
)
def test_bare_words_mean_what_people_expect(written: str, meant: object) -> None:
    assert _read(f"key: {written}\n").data == {"key": meant}


def test_an_empty_document_is_fine() -> None:
    assert _read("# nothing yet\n") == document.Document()


def test_all_keys_that_stand_twice_are_refused_at_once() -> None:
    assert _said("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n") == [
        "x.yaml:2: a: the key stands here twice, first in line 1",
        "x.yaml:5: b.c: the key stands here twice, first in line 4",
    ]


def test_broken_yaml_is_refused_with_its_line() -> None:
    (said,) = _said("a: 1\nb: [1, 2\nc: 3\n")
    assert said.startswith("x.yaml:3: this is no YAML: while parsing a flow sequence")


def test_tabs_are_refused_with_what_is_allowed() -> None:
    (said,) = _said("a:\n\tb: 1\n")
    assert said.startswith("x.yaml:2: ")
    assert said.endswith("allowed: spaces, not tabs, before a key")


def test_tags_never_make_objects() -> None:
    (said,) = _said("a: !!python/object/apply:os.system ['true']\n")
    assert "x.yaml:1: a: the tag tag:yaml.org,2002:python/object/apply:os.system is not known here" in said


def test_a_tag_that_lies_is_refused() -> None:
    assert _said("a: !!int abc\n") == ["x.yaml:1: a: 'abc' is not what its tag !!int promises"]


def test_aliases_work_but_never_without_end() -> None:
    assert _read("a: &x [1]\nb: *x\n").data == {"a": [1], "b": [1]}
    assert "these aliases never end" in _said("a: &x [*x]\n")[0]
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(9))
    said = _said(bomb)
    assert len(said) == 1
    assert "these aliases never end" in said[0]


def test_what_is_no_utf8_is_refused_with_its_line() -> None:
    read = document.read(b"a: 1\nb: \xff\xfe\n", file="x.yaml")
    assert str(read.problems[0]) == "x.yaml:2: this is no UTF-8 text; allowed: a YAML file saved as UTF-8"


def test_two_documents_in_one_file_are_refused() -> None:
    assert "x.yaml:2" in _said("a: 1\n---\nb: 1\n")[0]


def test_deep_nesting_is_refused() -> None:
    assert _said("a: " + "[" * 20_000) == ["x.yaml: this is nested too deeply"]


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert document.read(b"\xef\xbb\xbfa: 1\n", file="x.yaml").data == {"a": 1}


def test_a_key_that_is_no_word_is_refused() -> None:
    assert _said("? [1, 2]\n: 3\n") == ["x.yaml:1: a key must be a word; allowed: key: value"]
