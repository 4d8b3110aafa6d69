"""Profiles: what a company gives with a job, made and changed by the rules of an order."""

from dataclasses import replace

import pytest

from tests.conftest import both_databases
from tests.desk import UBUNTU, WINDOWS, Desk
from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.costs.money import Money
from webapp.domain.errors import AppError, Conflict, Invalid, NotFound, PreconditionFailed
from webapp.models import Profile
from webapp.queries import profiles as queries
from webapp.services import profiles as service
from webapp.services.credentials import delete_credential
from webapp.services.profiles import ProfileRequest

pytestmark = both_databases


def company(desk: Desk) -> int:
    return desk.provider.company_id or 0


def request(desk: Desk, **changes: object) -> ProfileRequest:
    """A profile that is right in everything but `changes`."""
    values: dict[str, object] = {
        "name": "Analysts",
        "cloud_credential_id": desk.credential_id,
        "workspace_type": desk.stage.workspace_type,
        "bundle_id": desk.stage.bundle_id,
    }
    return ProfileRequest(**(values | changes))  # type: ignore[arg-type]  # by name


def make(desk: Desk, **changes: object) -> Profile:
    return service.create_profile(desk.context, request(desk, **changes), company_id=company(desk))


def change(desk: Desk, profile: Profile, **changes: object) -> Profile:
    wanted = replace(ProfileRequest.of(profile), **changes)  # type: ignore[arg-type]  # by name
    return service.change_profile(desk.context, profile.id, wanted, company_id=company(desk))


def test_it_keeps_what_was_chosen_and_is_listed_by_name_in_its_company(desk: Desk) -> None:
    defaults, cap = ContractDefaults(zone="Europe/Berlin", days=90), Money("USD", 5_000)
    made = make(desk, defaults=defaults, month_cap=cap, username_pattern="{last}", orders_on_approval=True)
    make(desk, name="Admins")
    stranger = desk.add_provider("stranger@example.com", company="Elsewhere")

    found = queries.list_profiles(desk.session, company_id=company(desk))

    assert [one.name for one in found] == ["Admins", "Analysts"]
    assert (made.version, made.desktop_version) == (1, 1)
    assert ProfileRequest.of(made) == request(
        desk, defaults=defaults, month_cap=cap, username_pattern="{last}", orders_on_approval=True
    )
    assert "Ubuntu" in made.bundle_name
    assert queries.list_profiles(desk.session, company_id=stranger.company_id or 0) == []
    with pytest.raises(NotFound):
        queries.get_profile(desk.session, made.id, company_id=stranger.company_id or 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " \u200b"}, "invalid"),
        ({"cloud_credential_id": 99}, "credential_not_found"),
        ({"bundle_id": "wsb-000000000"}, "bundle_not_found"),
        ({"workspace_type": "windows"}, "bundle_type_mismatch"),
        ({"username_pattern": "{nobody}"}, "invalid"),
        ({"month_cap": Money("USD", 0)}, "invalid"),
        ({"month_cap": Money("???", 5)}, "invalid"),
        ({"defaults": ContractDefaults(days=0)}, "invalid"),
    ],
)
def test_what_could_never_be_ordered_is_refused_and_nothing_is_made(
    desk: Desk, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        make(desk, **changes)

    assert refused.value.code == code
    assert queries.list_profiles(desk.session, company_id=company(desk)) == []


def test_a_name_is_given_once_until_its_profile_is_archived(desk: Desk) -> None:
    first = make(desk)
    with pytest.raises(Conflict, match="has this name") as refused:
        make(desk)

    service.archive_profile(desk.context, first.id, company_id=company(desk))
    second = make(desk)

    assert (refused.value.code, refused.value.field) == ("name_taken", "name")
    assert [one.id for one in queries.list_profiles(desk.session, company_id=company(desk))] == [second.id]
    archived = queries.list_profiles(desk.session, company_id=company(desk), is_archived=True)
    assert [one.id for one in archived] == [first.id]


def test_a_change_is_a_new_version_and_the_page_knows_whether_it_concerns_desktops(desk: Desk) -> None:
    profile = make(desk)

    versions = []
    for changes in (
        {"name": "Analysts"},
        {"name": "Data"},
        {"bundle_id": WINDOWS, "workspace_type": "windows"},
        {"orders_on_approval": True},
        {"defaults": ContractDefaults(days=30)},
    ):
        now = change(desk, profile, **changes)
        versions.append((now.version, now.desktop_version))

    assert versions == [(1, 1), (2, 1), (3, 3), (4, 3), (5, 5)]
    assert "Windows" in profile.bundle_name


def test_only_another_size_is_asked_about(desk: Desk) -> None:
    profile = make(desk)
    delete_credential(desk.context, desk.credential_id, company_id=company(desk))

    renamed = change(desk, profile, name="Data")
    with pytest.raises(AppError) as refused:
        change(desk, profile, bundle_id=WINDOWS, workspace_type="windows")

    assert renamed.bundle_id == UBUNTU
    assert refused.value.code == "credential_not_found"


def test_who_read_an_older_version_or_an_archived_profile_changes_nothing(desk: Desk) -> None:
    profile = make(desk)
    about = {"company_id": company(desk)}
    change(desk, profile, name="Data")

    with pytest.raises(PreconditionFailed):
        service.change_profile(desk.context, profile.id, request(desk), version=1, **about)
    with pytest.raises(PreconditionFailed):
        service.archive_profile(desk.context, profile.id, version=1, **about)
    service.archive_profile(desk.context, profile.id, version=2, **about)
    with pytest.raises(Conflict) as refused:
        change(desk, profile, name="Clerks")
    with pytest.raises(Invalid):
        service.usable_profile(desk.context, profile.id, **about)

    assert refused.value.code == "profile_archived"
    assert profile.name == "Data"
