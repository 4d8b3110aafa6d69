"""Whoever is hired again hears that the former desktop is back."""

from tests.conftest import both_databases
from tests.desk import Desk
from tests.mail.conftest import Postman
from tests.mail.test_occasions import recipients
from tests.services.test_rehiring import give_back, hire_again, over
from tests.windows import DAY, pass_time, settle

pytestmark = both_databases
KIND = "desktop_ready"


def test_a_person_who_is_hired_again_hears_that_the_desktop_is_back(desk: Desk, postman: Postman) -> None:
    workspace_id = over(desk)
    assert len(recipients(postman, KIND)) == 1

    give_back(desk, workspace_id, hire_again(desk, workspace_id))
    settle(desk)

    assert len(recipients(postman, KIND)) == 2
    settle(desk)
    assert len(recipients(postman, KIND)) == 2


def test_the_mail_waits_for_the_start_of_the_new_contract(desk: Desk, postman: Postman) -> None:
    workspace_id = over(desk)

    give_back(desk, workspace_id, hire_again(desk, workspace_id, starts=DAY))
    settle(desk)
    assert len(recipients(postman, KIND)) == 1

    pass_time(desk, DAY)
    assert len(recipients(postman, KIND)) == 2
