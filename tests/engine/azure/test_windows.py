"""The stories of windows, suspensions and undos on Azure."""

from tests.engine.test_windows import (  # noqa: F401  # collected here again, with this folder's desk
    test_a_desktop_for_a_contract_that_has_not_begun_is_made_and_stays_off_until_it_begins,
    test_a_desktop_that_was_never_usable_is_terminated_at_once,
    test_a_last_day_ends_access_at_its_local_midnight_with_the_scheduler_dead_for_an_hour,
    test_a_row_is_due_at_the_end_of_the_window_and_then_at_the_end_of_the_grace,
    test_a_terminated_desktop_is_blocked_at_once_and_comes_back_in_one_press,
    test_after_the_grace_a_termination_cannot_be_undone,
    test_an_extension_wins_at_any_moment_of_the_grace,
    test_at_the_end_the_desktop_is_stopped_and_kept_for_the_grace_to_its_last_minute,
    test_no_minute_more_with_the_scheduler_dead_for_an_hour,
    test_nothing_is_ordered_and_nothing_new_made_for_a_contract_that_has_ended,
)
