"""A sample of `python -m tests.restores --cloud azure`."""

import pytest

from tests.desk import Desk
from tests.restores.azure import AzureCampaign
from tests.restores.campaign import Plan


@pytest.mark.crash
def test_every_restore_brings_back_what_was_promised_and_leaves_nothing_over(desk: Desk) -> None:
    campaign = AzureCampaign(Plan(days=2, seed=6, desktops=2, presses_a_day=5.0, ends_a_day=1.0), desk)

    campaign.play()

    assert campaign.broken == []
    assert campaign.counts["restore_done"] >= 3, campaign.counts
    assert campaign.counts["files are back"] >= 1, campaign.counts
