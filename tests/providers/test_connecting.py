"""The ways to a desktop: each cloud's link has its own form, and no part gets in that could break it."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.azure_rows import DESKTOP, FEED, GUEST, MEMBER, OBSERVED, TENANT
from webapp.providers.aws_workspaces.connecting import CONNECTION as AWS
from webapp.providers.azure_avd.connecting import CONNECTION as AZURE
from webapp.providers.parts.connecting import ConnectionInput, Way

OBSERVED_BY_AWS = {"registration_code": "WSdemo+BERTH1", "web_client_url": "https://us.webclient.example/"}


def _way(username: str = MEMBER, **observed: object) -> Way:
    return AZURE.way(ConnectionInput(username, OBSERVED | observed))


def test_the_link_of_azure_names_feed_desktop_and_person() -> None:
    assert AZURE.link(ConnectionInput(MEMBER, OBSERVED)) == (
        f"ms-avd:connect?workspaceid={FEED}&resourceid={DESKTOP}"
        "&username=sam.okafor%40quayside.example&env=avdarm&version=0"
    )


def test_the_web_address_of_azure_opens_the_desktop_itself() -> None:
    assert _way().web_client_url == (
        f"https://windows.cloud.microsoft/webclient/avd/{FEED}/{DESKTOP}?tenant={TENANT}"
        "#loginHint=sam.okafor%40quayside.example"
    )


@pytest.mark.parametrize("username", [MEMBER, GUEST, "o'brien&resourceid=1#x@quayside.example"])
def test_a_name_stays_one_value_whatever_stands_in_it(username: str) -> None:
    link = AZURE.link(ConnectionInput(username, OBSERVED)) or ""
    web = urlsplit(_way(username).web_client_url or "")

    assert parse_qs(link.partition("?")[2])["username"] == [username]
    assert parse_qs(link.partition("?")[2])["resourceid"] == [DESKTOP]
    assert unquote(web.fragment) == f"loginHint={username}"
    assert web.query == f"tenant={TENANT}"


@given(st.text(max_size=60))
def test_only_ids_get_into_a_link(text: str) -> None:
    for name in ("workspace_object_id", "desktop_object_id"):
        assert AZURE.link(ConnectionInput(MEMBER, OBSERVED | {name: text})) is None
    assert _way(tenant_id=text).web_client_url is None


@pytest.mark.parametrize("observed", [{}, {"workspace_object_id": None, "desktop_object_id": None}])
def test_before_the_host_pool_was_read_there_is_no_link(observed: dict[str, object]) -> None:
    assert AZURE.link(ConnectionInput(MEMBER, observed)) is None
    assert AWS.link(ConnectionInput("sam", observed)) is None


def test_azure_has_no_code_and_speaks_of_its_own_app() -> None:
    way = _way()
    text = " ".join([*way.steps, way.sign_in_help, way.app, *(one.text for one in way.devices)])

    assert way.registration_code is None
    assert "WorkSpaces" not in text and "registration" not in text
    assert way.client_download_url.startswith("https://learn.microsoft.com/")
    assert [one.name for one in way.devices] == [
        "Windows",
        "macOS",
        "iPhone, iPad",
        "Android, Chromebook",
        "Linux",
        "Browser",
    ]


def test_a_guest_accepts_the_invitation_first_and_signs_in_with_the_own_address() -> None:
    way = _way(GUEST)

    assert "invitation" in way.steps[0]
    assert way.sign_in_name == "sam.okafor@home.example"
    assert "sam.okafor@home.example" in way.sign_in_help
    assert "#EXT#" not in " ".join([*way.steps, way.sign_in_help])
    assert "browser" in next(one.text for one in way.devices if "macOS" in one.name)


def test_a_member_reads_nothing_about_invitations() -> None:
    way = _way()

    assert way.sign_in_name == MEMBER
    assert "nvitation" not in " ".join([*way.steps, way.sign_in_help])


def test_a_stopped_desktop_of_azure_starts_by_itself_only_where_the_pool_says_so() -> None:
    assert AZURE.starts_on_connect({"starts_on_connect": True})
    assert not AZURE.starts_on_connect({"starts_on_connect": False})
    assert not AZURE.starts_on_connect({})
    assert AWS.starts_on_connect({}), "what was observed before this was known"


def test_the_link_of_amazon_keeps_its_form() -> None:
    way = AWS.way(ConnectionInput("sam.okafor", OBSERVED_BY_AWS))

    assert AWS.link(ConnectionInput("sam.okafor", OBSERVED_BY_AWS)) == "workspaces://sam.okafor@WSdemo+BERTH1"
    assert (way.registration_code, way.web_client_url) == ("WSdemo+BERTH1", "https://us.webclient.example/")
    assert way.sign_in_name == "sam.okafor"


@pytest.mark.parametrize("way", [_way(), _way(GUEST), AWS.way(ConnectionInput("sam", OBSERVED_BY_AWS))])
def test_every_word_on_the_way_is_a_sentence(way: Way) -> None:
    texts = [*way.steps, way.sign_in_help, *(one.text for one in way.devices), *dict(way.answers).values()]
    for text in texts:
        assert text[0].isupper() and text.endswith("."), text
