"""A sample of the campaign `python -m tests.mail`: no mail is lost, whatever fails and whoever is killed."""

import pytest

from tests.mail import campaign
from tests.mail.__main__ import NEVER


@pytest.mark.crash
def test_no_mail_is_lost_when_the_server_fails_and_workers_are_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(campaign, "DIES", 0.04)

    figures = campaign.run(mails=60, seed=3, most_failures=2)

    assert {name: figures[name] for name in NEVER} == dict.fromkeys(NEVER, 0)
    assert figures["mails"] == 60
    assert all(int(str(figures[name])) > 0 for name in ("failures", "killed"))


def test_what_never_arrives_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that say a mail was sent, and send none, do not pass."""

    def pretend(_world: campaign.World, sessions: "campaign.sessionmaker[campaign.Session]") -> int:
        with sessions.begin() as session:
            for mail in session.query(campaign.Mail).limit(2):
                mail.sent_at, mail.due_at = mail.created_at, None
        return 0

    monkeypatch.setattr(campaign, "_work", pretend)

    figures = campaign.run(mails=3, seed=1)

    assert (figures["lost"], figures["stuck"]) == (3, 1)
