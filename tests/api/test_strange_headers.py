"""Headers that nobody should send get an answer that is no fault of ours."""

import pytest

from tests.api.world import Callers


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "bearer x",
        "Basic cHJvdmlkZXI6eA==",
        "Bearer berth__",
        "Bearer berth_é_x",
        "Bearer " + "x" * 5000,
        "Token berth_0_0",
    ],
)
def test_whatever_is_no_token_is_asked_to_sign_in(api: Callers, header: str):
    answer = api("GET", "/workspaces/", by="nobody", headers={"Authorization": header})

    assert (answer.status_code, answer.json["code"]) == (401, "invalid_token")


def test_the_scheme_may_be_written_in_any_case(api: Callers):
    answer = api(
        "GET",
        "/workspaces/",
        by="nobody",
        headers={"Authorization": "bearer " + api.world.tokens["provider"]},
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/json"])
def test_json_may_name_its_charset(api: Callers, kind: str):
    answer = api("POST", "/workspaces/", data="{}", content_type=kind)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
