"""The demo's directories know their people and nobody else, so its first failure is the real one."""

from sandbox import demo, demo_azure, seed
from sandbox.azure.local import make_world
from tests.desk import Desk
from webapp.domain.lifecycle import State
from webapp.providers.registry import get_provider
from webapp.queries.workspaces import get_workspace
from webapp.services.troubleshooting import diagnose


def test_an_order_for_somebody_whom_the_directory_does_not_know_waits_with_its_finding(desk: Desk) -> None:
    desk.sandbox.reset(demo=True)
    known, unknown = desk.order(username="leo.brandt"), desk.order(username="leo.brand")
    made = desk.order(username=_newcomer_at_amazon(), create_user=True)

    desk.live_until(known, State.AVAILABLE)
    desk.live_until(made, State.AVAILABLE)

    row = get_workspace(desk.session, unknown, company_id=desk.provider.company_id or 0)
    assert (row.state, row.waiting_code) == (State.PENDING, "user_not_found")
    assert [one.code for one in diagnose(desk.context, row)] == ["user_not_found"]


def _newcomer_at_amazon() -> str:
    name, email = seed.NEWCOMER
    return get_provider("aws").usernames.suggest(name, email=email)


def test_the_demo_has_somebody_whom_no_directory_knows() -> None:
    assert _newcomer_at_amazon() == "nora.lind"
    assert "nora.lind" not in demo.DEMO_PEOPLE and seed.NEWCOMER[1] not in demo_azure.DEMO_PEOPLE


def test_the_user_names_that_the_demo_suggests_are_known_to_its_directories() -> None:
    amazon, azure = (get_provider(key).usernames for key in ("aws", "azure"))

    assert [amazon.suggest(name, email=email) for name, email in seed.SEEKERS] == list(demo.DEMO_PEOPLE)
    assert [azure.suggest(name, email=email) for name, email in seed.SEEKERS] == list(demo_azure.DEMO_PEOPLE)


def test_the_simulated_tenant_knows_its_people_and_nobody_else() -> None:
    world = make_world(lambda: 0.0)
    with world.store.transaction():
        world.set_people(demo_azure.DEMO_PEOPLE)
        assert [world.knows(one) for one in ("Mina@demo.example", "nobody@demo.example")] == [True, False]
