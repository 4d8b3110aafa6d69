"""What everybody may read is a sentence of the catalogue, also where no page of the tests shows it."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.architecture.sources import ROOT, tree_of
from tests.cases import each_case
from tests.languages.extraction import messages
from webapp.domain import errors
from webapp.domain.lifecycle import Action, State
from webapp.domain.sentences import Sentence
from webapp.pages import words
from webapp.pages.errors import SENTENCES, TITLES
from webapp.providers.aws_workspaces.directory_kinds import DirectoryKind
from webapp.providers.parts.connecting import ConnectionInput, Way
from webapp.providers.registry import get_provider

GUID = "0f5d3a64-6f0b-4d0e-9a43-5c0f6a1b2c3d"
SERVICES = (
    "email_change",
    "founding",
    "invitations",
    "own_account",
    "password_reset",
    "passwords",
    "people",
    "preferences",
    "removal",
    "second_factor",
    "sign_in",
    "sign_in_throttle",
)
"""What the pages of everybody call."""
FOR_THE_COMMAND_LINE = (
    "No active person has",
    "No person has",
    "Your role does not allow this.",
    "Nobody with the e-mail address",
    "Invite at most",
    "Remove your own account on its page.",
    "Disable this person first.",
)
"""And for the pages of a company, which are in English."""
ERRORS = {name for name in vars(errors) if isinstance(getattr(errors, name), type)} | {
    "WrongSignIn",
    "SignUpClosed",
}


def _errors_of(tree: ast.Module) -> Iterator[ast.expr]:
    """What each error says."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ERRORS
            and node.args
        ):
            said = node.args[0]
            yield from (said.body, said.orelse) if isinstance(said, ast.IfExp) else (said,)


def _plain(path: Path) -> list[str]:
    return [
        ast.unparse(said)
        for said in _errors_of(tree_of(path))
        if isinstance(said, ast.Constant | ast.JoinedStr)
        and not any(one in ast.unparse(said) for one in FOR_THE_COMMAND_LINE)
    ]


@each_case("name", SERVICES)
def test_an_error_that_everybody_may_get_is_in_the_catalogue(name: str) -> None:
    assert _plain(ROOT / "webapp" / "services" / f"{name}.py") == []


def test_a_plain_error_is_found() -> None:
    tree = ast.parse('raise Invalid(say("a") if x else "b")\nraise Conflict(f"c {d}")\nraise NotFound(text)')

    assert [ast.unparse(one) for one in _errors_of(tree)] == ["say('a')", "'b'", "f'c {d}'", "text"]


def test_every_state_is_explained_to_its_person_in_the_catalogue() -> None:
    for state in State:
        assert isinstance(words.STATES[state].label, Sentence)
        for action in (None, *Action):
            for is_in_trouble in (False, True):
                for starts in (False, True):
                    lead = words.person_lead(
                        state, action=action, is_in_trouble=is_in_trouble, starts_on_connect=starts
                    )
                    assert isinstance(lead, Sentence), (state, action)


def _ways() -> Iterator[Way]:
    aws, azure = (get_provider(key).connection.way for key in ("aws", "azure"))
    for kind in DirectoryKind:
        for extra in ({}, {"can_reset_password": True, "web_client_url": "https://example.com"}):
            observed: Mapping[str, object] = {"registration_code": "WS+1", "kind": kind.value, **extra}
            yield aws(ConnectionInput("sam", observed))
    ids = {"workspace_object_id": GUID, "desktop_object_id": GUID, "tenant_id": GUID}
    for name in ("sam@example.com", "sam_example.com#EXT#@other.onmicrosoft.com"):
        yield azure(ConnectionInput(name, ids))


def test_every_way_to_connect_is_in_the_catalogue() -> None:
    for way in _ways():
        texts = [*way.steps, way.sign_in_help, way.app_help, *(one.text for one in way.devices)]
        texts += [text for pair in way.answers for text in pair]
        assert [one for one in texts if not isinstance(one, Sentence)] == []


def test_every_page_of_an_error_is_in_the_catalogue() -> None:
    assert {text for text in (*TITLES.values(), *SENTENCES.values())} <= set(messages())
