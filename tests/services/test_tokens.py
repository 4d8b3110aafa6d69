"""API tokens: shown once, stored as a hash, ended by time, by hand, or with their person."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.services.conftest import StandingClock
from webapp.domain.errors import NotFound
from webapp.domain.redaction import redact
from webapp.models import ApiToken, User
from webapp.services import tokens
from webapp.services.context import ServiceContext


def test_the_database_holds_only_a_hash(office: ServiceContext, provider: User) -> None:
    _, token = tokens.issue_token(office, user=provider, name="ci")

    row = office.session.scalars(select(ApiToken)).one()
    stored = "".join(str(value) for value in vars(row).values())
    assert token not in stored
    assert token.split("_", 2)[2] not in stored


def test_a_token_finds_its_person_and_scopes(office: ServiceContext, provider: User) -> None:
    _, token = tokens.issue_token(office, user=provider, name="ci", scopes=("read",))

    found = tokens.find_token(office, token)

    assert found is not None
    assert (found.user.id, found.scopes) == (provider.id, ["read"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1],
        lambda token: token + "x",
        lambda token: token.swapcase(),
        lambda token: token.replace("berth_", "", 1),
        lambda token: token.replace("berth_", "other_", 1),
        lambda token: "_".join(token.split("_")[:2]),
        lambda token: f" {token}",
        lambda token: "",
        lambda token: "berth_",
        lambda token: "berth_%_x",
    ],
)
def test_a_token_that_is_not_exactly_right_is_nothing(office: ServiceContext, provider: User, spoil) -> None:  # type: ignore[no-untyped-def]
    _, token = tokens.issue_token(office, user=provider, name="ci")

    assert tokens.find_token(office, spoil(token)) is None


def test_a_token_ends_at_its_time(
    office: ServiceContext, provider: User, standing_clock: StandingClock
) -> None:
    _, token = tokens.issue_token(office, user=provider, name="ci", lasts=timedelta(days=1))
    standing_clock.elapsed = timedelta(days=1) - timedelta(seconds=1)
    assert tokens.find_token(office, token) is not None

    standing_clock.elapsed = timedelta(days=1)

    assert tokens.find_token(office, token) is None


def test_a_revoked_token_ends_at_once(office: ServiceContext, provider: User) -> None:
    row, token = tokens.issue_token(office, user=provider, name="ci")
    _, other = tokens.issue_token(office, user=provider, name="other")

    tokens.revoke_token(office, user=provider, token_id=row.id)
    tokens.revoke_token(office, user=provider, token_id=row.id)

    assert tokens.find_token(office, token) is None
    assert tokens.find_token(office, other) is not None


def test_nobody_revokes_the_token_of_somebody_else(
    office: ServiceContext, provider: User, seeker: User
) -> None:
    row, token = tokens.issue_token(office, user=provider, name="ci")

    with pytest.raises(NotFound):
        tokens.revoke_token(office, user=seeker, token_id=row.id)

    assert tokens.find_token(office, token) is not None


def test_the_token_of_a_disabled_person_ends_with_them(office: ServiceContext, provider: User) -> None:
    _, token = tokens.issue_token(office, user=provider, name="ci")
    provider.is_active = False
    office.session.commit()

    assert tokens.find_token(office, token) is None


def test_the_use_is_written_down_at_most_once_a_minute(
    office: ServiceContext, provider: User, standing_clock: StandingClock
) -> None:
    row, _ = tokens.issue_token(office, user=provider, name="ci")
    for seconds in (0, 30, 61):
        standing_clock.elapsed = timedelta(seconds=seconds)
        tokens.touch(office, row)
        office.session.refresh(row)

        assert row.last_used_at is not None
        assert (row.last_used_at - row.created_at).total_seconds() == {0: 0, 30: 0, 61: 61}[seconds]


def test_two_tokens_are_never_alike_and_both_are_redacted(office: ServiceContext, provider: User) -> None:
    issued = {tokens.issue_token(office, user=provider, name="ci")[1] for _ in range(5)}

    assert len(issued) == 5
    assert {redact(token) for token in issued} == {"[redacted]"}
