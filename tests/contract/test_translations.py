"""The texts: complete, alike in every language, and nothing hassfest would refuse."""

from __future__ import annotations

import re
from string import Formatter
from typing import Any

import pytest

from .descriptions import descriptions
from .source import INTEGRATION, keyword_texts, leaves, read_json

LANGUAGES = sorted(path.name for path in (INTEGRATION / "translations").glob("*.json"))
URL = re.compile(r"https?://|www\.", re.IGNORECASE)
HTML = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)
SLUG = re.compile(r"[a-z0-9_-]+")
ELSEWHERE_OTHERWISE = {
    "de.json": re.compile(r"\w+en Sie\b|\bIhr"),
    "es.json": re.compile(r"\b[Pp]ida\b|pasarela|medidor|microinversor"),
    "fr.json": re.compile(r"\b(ton|ta|tes|tu)\b|micro-onduleur"),
    "nl.json": re.compile(r"\b(uw|u)\b"),
}
"""How most texts of a language don't say it."""
QUOTED_PLACEHOLDER = re.compile(r"'\{\w+\}'")


def _english() -> dict[str, Any]:
    return read_json("translations", "en.json")


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _forms() -> list[tuple[str, dict[str, Any]]]:
    """Every form and every section of a form that has fields."""
    forms = []
    for flow in ("config", "options"):
        for step, form in _english().get(flow, {}).get("step", {}).items():
            forms.append((f"{flow}.{step}", form))
            for name, section in form.get("sections", {}).items():
                forms.append((f"{flow}.{step}.{name}", section))
    return forms


def test_english_is_there() -> None:
    assert "en.json" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts(language: str) -> None:
    texts = {path for path, _ in leaves(read_json("translations", language))}

    assert texts == {path for path, _ in leaves(_english())}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_placeholders(language: str) -> None:
    english = {path: _placeholders(text) for path, text in leaves(_english())}
    texts = dict(leaves(read_json("translations", language)))

    assert {path: _placeholders(text) for path, text in texts.items()} == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_plain(language: str) -> None:
    for path, text in leaves(read_json("translations", language)):
        assert text == text.strip(), path
        assert text, path
        assert not URL.search(text), path
        assert not HTML.search(text), path
        assert "[%key:" not in text, path
        assert not QUOTED_PLACEHOLDER.search(text), path
        assert all(name.isidentifier() for name in _placeholders(text)), path


@pytest.mark.parametrize("language", sorted(ELSEWHERE_OTHERWISE))
def test_the_reader_and_the_things_are_called_alike(language: str) -> None:
    texts = dict(leaves(read_json("translations", language)))

    other = ELSEWHERE_OTHERWISE[language]

    assert {path: text for path, text in texts.items() if other.search(text)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_repair_advises_is_called_as_it_is_called(language: str) -> None:
    texts = read_json("translations", language)

    advice = texts["issues"]["influxdb_quarantine"]["description"]

    for action in texts["services"].values():
        assert f"*{action['name']}*" in advice


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_are_slugs(language: str) -> None:
    for path, _ in leaves(read_json("translations", language)):
        assert all(SLUG.fullmatch(key) for key in path), path


def test_every_field_is_described() -> None:
    for form, content in _forms():
        fields, described = content.get("data", {}), content.get("data_description", {})
        assert set(fields) == set(described), form


def test_every_entity_has_a_name() -> None:
    names = _english()["entity"]

    found = descriptions()

    assert found
    for platform, description in found:
        if description.translation_key is None:  # its device class names it
            assert getattr(description, "device_class", None), description.key
        else:
            assert description.translation_key in names[platform], description.key


def test_no_entity_name_is_left_over() -> None:
    used = {description.translation_key for _, description in descriptions()}
    used |= set(keyword_texts("translation_key"))

    for platform, names in _english()["entity"].items():
        assert set(names) <= used, platform


def test_every_translation_key_has_its_text() -> None:
    english = _english()
    known = {key for names in english["entity"].values() for key in names}
    for part in ("exceptions", "issues", "selector", "device"):
        known |= set(english.get(part, {}))

    used = keyword_texts("translation_key")

    assert used
    assert {key: where for key, where in used.items() if key not in known} == {}


@pytest.mark.parametrize(
    ("keyword", "part"), [("reason", "abort"), ("step_id", "step")]
)
def test_every_outcome_of_a_flow_has_its_text(keyword: str, part: str) -> None:
    english = _english()
    known: set[str] = set()
    for flow in ("config", "options"):
        known |= set(english.get(flow, {}).get(part, {}))
    for issue in english.get("issues", {}).values():
        known |= set(issue.get("fix_flow", {}).get(part, {}))

    used = keyword_texts(keyword)

    assert used
    assert {key: where for key, where in used.items() if key not in known} == {}


def test_texts_that_older_home_assistants_lack_are_ours() -> None:
    aborts = set(_english()["config"]["abort"])

    assert aborts >= {
        "already_configured",
        "already_in_progress",
        "reauth_successful",
        "reconfigure_successful",
    }
