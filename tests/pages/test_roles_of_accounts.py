"""A cloud account entered with a role: what the form offers, and what the company copies into its account."""

import json

import pytest
from sqlalchemy import select

from sandbox import demo
from tests.clouds.aws.roles import PLACE, ROLE, ROLE_FIELDS, enter_role, trust, with_identity
from tests.desk import SECRET_FIELDS, Desk
from tests.pages.reader import Reader, Visitor
from webapp.config import Settings
from webapp.domain.own_identity import OwnIdentity
from webapp.models import CloudCredential

NEW = {"name": "By role", "cloud_provider": "aws", "auth_kind": "role", **ROLE_FIELDS}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_identity(settings)


def newest(desk: Desk) -> CloudCredential:
    with desk.sessions.begin() as session:
        found = session.scalars(select(CloudCredential).order_by(CloudCredential.id.desc()).limit(1)).one()
        session.expunge_all()
    return found


def trust_policy(page: Reader, text: str) -> dict[str, object]:
    begin = text.index('id="trust-policy"')
    shown = text[text.index(">", begin) + 1 : text.index("</pre>", begin)]
    policy: dict[str, object] = json.loads(shown.replace("&#34;", '"'))
    return policy


def test_the_form_for_a_role_asks_for_no_secret(provider: Visitor) -> None:
    page = provider.read("/credentials/new?cloud=aws&auth_kind=role")

    assert page.by_id("role_arn")
    assert not page.find("input", id="secret_access_key") + page.find("input", id="external_id")
    assert page.by_id("way-role")["aria-current"] == "page"
    assert "Custom trust policy" in page.text


def test_a_saved_role_shows_its_trust_policy_and_works_once_it_is_there(
    desk: Desk, provider: Visitor
) -> None:
    address = provider.post("/credentials/", NEW).location
    desk.work()

    answer = provider.get(address)
    page = Reader(answer.text)
    credential = newest(desk)
    external_id = credential.public_fields["external_id"]
    assert "The role does not let Berth in." in page.text
    [statement] = trust_policy(page, answer.text)["Statement"]  # type: ignore[misc]  # as JSON has it
    assert statement["Principal"] == {"AWS": demo.BERTH_PRINCIPAL}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": external_id}}

    trust(desk.sandbox, external_id)
    provider.post(f"/credentials/{credential.id}/test", {})
    desk.work()
    assert newest(desk).is_usable


def test_nobody_chooses_an_external_id_and_no_two_accounts_share_one(desk: Desk, provider: Visitor) -> None:
    provider.post("/credentials/", {**NEW, "external_id": "chosen-by-a-person"})
    first = newest(desk).public_fields["external_id"]
    provider.post("/credentials/", {**NEW, "name": "Another"})
    second = newest(desk).public_fields["external_id"]

    assert first != second and first.startswith("berth-") and len(first) > 30


def test_another_role_of_the_account_keeps_the_external_id(desk: Desk, provider: Visitor) -> None:
    provider.post("/credentials/", NEW)
    before = newest(desk)

    changed = {**NEW, "role_arn": f"{ROLE}-2"}
    assert provider.post(f"/credentials/{before.id}/", changed).status_code == 303

    after = newest(desk)
    assert after.public_fields["external_id"] == before.public_fields["external_id"]
    assert after.secret_version == before.secret_version + 1


def test_a_key_is_exchanged_for_a_role_on_the_accounts_page(desk: Desk, provider: Visitor) -> None:
    address = f"/credentials/{desk.credential_id}"
    page = provider.read(f"{address}/edit?auth_kind=role")
    assert "erases what it has stored for “Access key”" in page.text

    answer = provider.post(f"{address}/", {**PLACE, "name": "Cloud", "auth_kind": "role", "role_arn": ROLE})

    assert answer.status_code == 303
    fields = desk.credential().public_fields
    assert (fields["role_arn"], "access_key_id" in fields) == (ROLE, False)
    shown = provider.read(f"{address}/").text
    assert "Signs in with" in shown and SECRET_FIELDS["access_key_id"] not in shown


def test_a_role_is_exchanged_for_a_key_only_with_its_secret(desk: Desk, provider: Visitor) -> None:
    enter_role(desk)
    desk.session.commit()
    body = {**SECRET_FIELDS, "name": "Cloud", "auth_kind": "keys", "secret_access_key": ""}

    answer = provider.post(f"/credentials/{desk.credential_id}/", body)

    assert answer.status_code == 422
    assert Reader(answer.text).error_of("secret_access_key")


@pytest.mark.parametrize(
    ("role_arn", "says"),
    [
        ("berth", "A role ARN looks like"),
        ("arn:aws:iam::111122223333:user/berth", "This is the ARN of a user."),
        ("arn:aws:sts::111122223333:assumed-role/berth/x", "This is the ARN of a session."),
        ("arn:aws-us-gov:iam::111122223333:role/berth", "GovCloud"),
    ],
)
def test_what_is_no_role_is_refused_in_words(provider: Visitor, role_arn: str, says: str) -> None:
    answer = provider.post("/credentials/", {**NEW, "role_arn": role_arn})

    assert answer.status_code == 422
    assert says in Reader(answer.text).text


class TestWithoutAnIdentity:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return with_identity(settings, OwnIdentity())

    def test_roles_are_not_offered(self, desk: Desk, provider: Visitor) -> None:
        page = provider.read("/credentials/new?cloud=aws")
        assert not page.find("a", id="way-role")
        assert provider.read("/credentials/new?cloud=aws&auth_kind=role").by_id("secret_access_key")

        answer = provider.post("/credentials/", NEW)
        assert answer.status_code == 422
        assert "no identity of its own" in Reader(answer.text).text
