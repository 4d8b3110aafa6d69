"""Every catalogue has every message, whole, and with the same values in it."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tests.architecture.sources import ROOT
from tests.languages.extraction import messages
from webapp.languages import CATALOGUES, ENGLISH, LANGUAGES
from webapp.pages.script_words import SCRIPT_WORDS

VALUES = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w+|%%")
"""What a message and its translation have in common: values, and tags."""


def _path(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


@pytest.fixture(params=[one for one in LANGUAGES if one != ENGLISH])
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with _path(request.param).open("rb") as source:
        return read_po(source, locale=request.param)


def _entries(catalogue: Catalog) -> list[Message]:
    return [one for one in catalogue if one.id]


def _forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def test_every_language_that_can_be_chosen_has_a_catalogue() -> None:
    folders = {path.parent.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES/messages.po")}

    assert folders | {ENGLISH} == set(LANGUAGES)


def test_a_catalogue_has_every_message_of_the_sources_and_no_other(catalogue: Catalog) -> None:
    found = {_forms(one.id)[0]: _forms(one.id) for one in _entries(catalogue)}

    assert found == {key: _forms(one.id) for key, one in messages().items()}, "python -m tests.languages"
    assert not catalogue.obsolete


def test_every_message_is_translated_and_none_is_a_guess(catalogue: Catalog) -> None:
    entries = _entries(catalogue)

    assert [one.id for one in entries if one.fuzzy] == []
    assert [one.id for one in entries if not all(text.strip() for text in _forms(one.string))] == []
    assert all(len(_forms(one.string)) == catalogue.num_plurals for one in entries if one.pluralizable)


def test_a_translation_has_the_values_of_its_message(catalogue: Catalog) -> None:
    for one in _entries(catalogue):
        for text in _forms(one.string):
            assert sorted(VALUES.findall(text)) == sorted(VALUES.findall(_forms(one.id)[-1])), one.id


def test_a_translation_ends_as_its_message_does(catalogue: Catalog) -> None:
    """A sentence stays a sentence, and a label a label."""
    for one in _entries(catalogue):
        for text in _forms(one.string):
            assert (text[-1] in ".?!:,") == (_forms(one.id)[0][-1] in ".?!:,"), one.id
            assert text == text.strip() and "  " not in text


def test_german_is_formal_and_has_its_own_quotation_marks() -> None:
    with _path("de").open("rb") as source:
        entries = _entries(read_po(source, locale="de"))

    for one in entries:
        for text in _forms(one.string):
            assert not re.search(r"\b(?:du|dein\w*|dir|dich|euch|euer)\b", text, re.IGNORECASE), text
            assert "”" not in text and text.count("„") == text.count("“"), text
            assert '"' not in re.sub(r'="%\(\w+\)s"', "", text) and " - " not in text, text


def test_the_page_gives_the_script_all_that_it_says() -> None:
    said = {
        key: one
        for key, one in messages().items()
        if any(file.startswith("static/js/") for file in one.files)
    }

    assert {message for message, _ in SCRIPT_WORDS} == set(said)
    for message, many in SCRIPT_WORDS:
        assert _forms(said[message].id)[1:] == ([] if many is None else [many])


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("du bist", True), ("Sie sind", False), ("durch die Cloud", False)],
)
def test_the_search_for_the_informal_finds_it(text: str, is_found: bool) -> None:
    assert bool(re.search(r"\b(?:du|dein\w*|dir|dich|euch|euer)\b", text, re.IGNORECASE)) is is_found


def test_the_sources_of_messages_are_read() -> None:
    files = {file for one in messages().values() for file in one.files}

    assert {
        "templates/layouts/base.html",
        "templates/mail/_layout.txt",
        "webapp/providers/azure_avd/connecting.py",
        "webapp/domain/codes/account.py",
        "static/js/app.js",
    } <= files
    assert all((ROOT / file).is_file() for file in files)
