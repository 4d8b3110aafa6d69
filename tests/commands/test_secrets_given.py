"""bin/run gives each process what the settings ask of it in production: neither less nor more."""

from typing import get_args

import _services
import pytest

from tests.cases import each_case
from tests.desk import key_pair, webhook_key_pair
from webapp.config import Process, Settings

EVERYTHING = {
    "DATABASE_URL": "postgresql+psycopg:///berth",
    "REDIS_URL": "unix:///run/valkey.sock",
    "TRUSTED_HOSTS": "berth.example.com",
    "CREDENTIAL_PUBLIC_KEY": key_pair()[0],
    "WEBHOOK_PUBLIC_KEY": webhook_key_pair()[0],
    "SECRET_KEY": "d41d8cd98f00b204e9800998ecf8427e0123",
    "CREDENTIAL_PRIVATE_KEYS": key_pair()[1],
    "WEBHOOK_PRIVATE_KEYS": webhook_key_pair()[1],
    "MAIL_FROM": "Berth <berth@example.com>",
    "PUBLIC_URL": "https://berth.example.com",
    "SMTP_URL": "smtps://berth:password@mail.example.com:465",
}
GIVEN_AS = {"scheduler": "other", "live": "other", "backup": "other"}
SECRETS = {name for names in _services.SECRETS_OF.values() for name in names}


@each_case("process", get_args(Process))
def test_each_process_is_given_the_secrets_that_it_may_have(process: Process) -> None:
    given = _services.environ_for(GIVEN_AS.get(process, process), EVERYTHING)

    Settings.from_env(given, process=process)
    for name in SECRETS:
        with pytest.raises(SystemExit, match=name):
            if name in given:
                Settings.from_env(given | {name: ""}, process=process)
            else:
                Settings.from_env(given | {name: EVERYTHING[name]}, process=process)


def test_every_kind_of_process_is_known() -> None:
    kinds = {GIVEN_AS.get(process, process) for process in get_args(Process)}

    assert kinds == set(_services.SECRETS_OF)
