"""Settings: the only reader of the environment. It reports everything missing or malformed at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, cast, get_args

from webapp.cloud_settings import CloudSettings, read_cloud
from webapp.config_reader import Reader
from webapp.config_values import (
    count,
    delays,
    dns_server,
    host_names,
    ip_addresses,
    page_url,
    ports,
    positive,
    private_keys,
    public_key,
)
from webapp.domain.endpoints import Endpoint
from webapp.domain.own_identity import OwnIdentity
from webapp.domain.retention import Retention
from webapp.domain.smtp_address import MailSettings
from webapp.mail_settings import read_mail
from webapp.metrics_settings import MetricsSettings, read_metrics
from webapp.providers.registry import list_providers
from webapp.store_settings import read_database_url, read_redis_url

Process = Literal["web", "worker", "background", "scheduler", "live", "reseal", "backup"]
"""`worker` calls clouds; `background` is a worker of the queue of that name, which calls none."""

SignUp = Literal["closed", "invited", "open"]
"""Who may found a company: see `services/founding.py`."""

SecondFactorFor = Literal["companies", "everybody"]
"""Who needs a second factor: see `services/second_factor_demand.py`."""

LOOPBACK_NAMES = ("127.0.0.1", "localhost")
WEBHOOK_PORTS = frozenset({80, 443})
_GUESSABLE = ("changeme", "change-me", "secret", "dev", "default", "password", "example")
_MIN_SECRET_LENGTH = 32
_HOLDERS: Mapping[str, tuple[Process, ...]] = {
    "SECRET_KEY": ("web",),
    "CREDENTIAL_PRIVATE_KEYS": ("worker", "reseal"),
    "WEBHOOK_PRIVATE_KEYS": ("background", "reseal"),
    "SMTP_URL": ("background",),
    **{own.key_value: ("worker",) for one in list_providers() if (own := one.settings.own_identity)},
}
"""Each secret's only processes: a break-in into any other then leaks nothing of it."""


def _default_clouds() -> dict[str, CloudSettings]:
    return {
        one.key: CloudSettings(None, one.settings.default_provision_timeout_s) for one in list_providers()
    }


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation's settings; secrets are kept out of `repr`."""

    environment: Literal["production", "development"]
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: str = field(default="", repr=False)
    """Signs sessions and forms; web only."""
    credential_public_key: str = ""
    credential_private_keys: tuple[str, ...] = field(default=(), repr=False)
    """Open cloud secrets; workers on cloud accounts only, newest first."""
    webhook_public_key: str = ""
    webhook_private_keys: tuple[str, ...] = field(default=(), repr=False)
    """Open the signing keys of webhooks; background workers only, newest first."""
    clouds: Mapping[str, CloudSettings] = field(default_factory=_default_clouds)
    """By the key of the provider."""
    poll_interval_s: int = 30
    retry_delays_s: tuple[int, ...] = (30, 60, 120)
    observe_interval_s: int = 300
    """How often settled workspaces are checked."""
    settle_s: int = 1200
    """How long after a create was sent its machine may still appear: 15 min signature + 5 min visibility."""
    absence_gap_s: int = 60
    """Minimum time between two checks that count as evidence of absence."""
    lost_span_s: int = 900
    """How long a machine that was in use must be absent before it counts as lost."""
    inventory_interval_s: int = 900
    """How often everything in an account's directory is compared with our rows."""
    connections_interval_s: int = 300
    """How often the clouds are asked who is connected."""
    lease_s: int = 60
    """How long a silent worker keeps an account; a crash is noticed after this."""
    sandbox_speed: int = 1
    """How much faster the sandbox's clock runs, for the banner; 1 when there is no sandbox."""
    sign_up: SignUp = "open"
    """Who may found a company: the operator, who has a set-up link, or anybody."""
    second_factor_for: SecondFactorFor = "companies"
    """Whom companies demand it of, or everybody."""
    trusted_hosts: tuple[str, ...] = LOOPBACK_NAMES
    """The host names that requests may be for; others are answered with 400."""
    webhook_ports: frozenset[int] = WEBHOOK_PORTS
    """The ports of companies' webhooks and issuers: nobody may make Berth talk to other services."""
    local_issuers: frozenset[str] = frozenset()
    """IP addresses of this network at which an issuer of single sign-on may be; never in production."""
    dns_server: str = ""
    """Who is asked for the TXT records that prove domains, as `address:port`; empty: whom the system asks."""
    retention: Retention = Retention()
    """How long what nobody waits for any more is kept."""
    mail: MailSettings = MailSettings()
    live_url: str = ""
    """Where pages hear of changes: a path of this site, or another address; without it they only poll."""
    demo_password: str = field(default="", repr=False)
    """Of the demo's two people, who then sign in by one press; never in production."""
    mailbox_url: str = ""
    """Where the demo shows the mails that Berth has sent; never in production."""
    trusted_proxies: int = 0
    """How many reverse proxies in front are trusted to report the caller's address."""
    log_level: str = "INFO"
    metrics: MetricsSettings = MetricsSettings()
    backup_due_h: int = 0
    """How old the newest backup may become, in hours, before the operator is warned; 0: any age."""

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def uses_sandbox(self) -> bool:
        return any(one.endpoint is not None for one in self.clouds.values())

    def endpoint_of(self, cloud_provider: str) -> Endpoint | None:
        """Where the simulated cloud is; None for the real one. Raises KeyError for an unknown cloud."""
        return self.clouds[cloud_provider].endpoint

    def identity_of(self, cloud_provider: str) -> OwnIdentity:
        """What the installation itself is there. Raises KeyError for an unknown cloud."""
        return self.clouds[cloud_provider].identity

    def provision_timeout_of(self, cloud_provider: str) -> int:
        """How long a new desktop may take, in seconds. Raises KeyError for an unknown cloud."""
        return self.clouds[cloud_provider].provision_timeout_s

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, *, process: Process = "web") -> "Settings":
        """Read the settings that `process` needs. Raises SystemExit that names every problem."""
        reader = Reader(os.environ if environ is None else environ)
        environment = reader.choice("BERTH_ENV", ("production", "development"), default="production")
        is_production = environment == "production"
        if is_production:
            _check_holders(reader, process)
        settings = cls(
            environment=environment,  # type: ignore[arg-type]  # choice() allows only the two
            database_url=read_database_url(reader, is_production=is_production),
            redis_url=read_redis_url(reader, is_production=is_production),
            secret_key=_secret_key(reader, is_production) if process == "web" else "",
            credential_public_key=_public_key(reader, "CREDENTIAL_PUBLIC_KEY", process),
            credential_private_keys=_private_keys(reader, "CREDENTIAL_PRIVATE_KEYS", process),
            webhook_public_key=_public_key(reader, "WEBHOOK_PUBLIC_KEY", process),
            webhook_private_keys=_private_keys(reader, "WEBHOOK_PRIVATE_KEYS", process),
            clouds=_clouds(reader, process, is_production),
            poll_interval_s=reader.seconds("POLL_INTERVAL_S", default=30),
            retry_delays_s=reader.optional("RETRY_DELAYS_S", delays, default=(30, 60, 120)),
            **_timings(reader),
            sandbox_speed=reader.seconds("SANDBOX_SPEED", default=1),
            **_people(reader, is_production),
            trusted_hosts=_trusted_hosts(reader, process, is_production),
            webhook_ports=reader.optional("WEBHOOK_PORTS", ports, default=WEBHOOK_PORTS),
            local_issuers=_local_issuers(reader, is_production),
            dns_server=reader.optional("DNS_SERVER", dns_server, default=""),
            retention=_retention(reader),
            mail=read_mail(reader, sends=process == "background", is_production=is_production),
            live_url=reader.optional("LIVE_URL", page_url, default=""),
            demo_password="" if is_production else reader.text("DEMO_PASSWORD"),
            mailbox_url="" if is_production else reader.optional("SANDBOX_MAILBOX_URL", page_url, default=""),
            trusted_proxies=reader.optional("TRUSTED_PROXIES", count, default=0),
            log_level=reader.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"),
            metrics=read_metrics(reader, least_length=_MIN_SECRET_LENGTH),
            backup_due_h=reader.optional("BACKUP_DUE_HOURS", count, default=26 if is_production else 0),
        )
        reader.finish()
        return settings


def _clouds(reader: Reader, process: Process, is_production: bool) -> dict[str, CloudSettings]:
    calls = process == "worker"
    return {
        one.key: read_cloud(reader, one.settings, is_production=is_production, calls_clouds=calls)
        for one in list_providers()
    }


def _local_issuers(reader: Reader, is_production: bool) -> frozenset[str]:
    found = reader.optional("LOCAL_ISSUERS", ip_addresses, default=frozenset())
    return frozenset() if is_production else found


def _secret_key(reader: Reader, is_production: bool) -> str:
    secret = reader.required("SECRET_KEY", str)
    if not secret or not is_production:
        return secret
    if len(secret) < _MIN_SECRET_LENGTH or secret.lower().startswith(_GUESSABLE):
        reader.problems.append(
            f"SECRET_KEY must be a random text of at least {_MIN_SECRET_LENGTH} characters in production"
        )
    return secret


def _timings(reader: Reader) -> dict[str, int]:
    """The advanced ones, in seconds."""
    return {
        "observe_interval_s": reader.seconds("OBSERVE_INTERVAL_S", default=300),
        "settle_s": reader.seconds("SETTLE_S", default=1200),
        "absence_gap_s": reader.seconds("ABSENCE_GAP_S", default=60),
        "lost_span_s": reader.seconds("LOST_SPAN_S", default=900),
        "inventory_interval_s": reader.seconds("INVENTORY_INTERVAL_S", default=900),
        "connections_interval_s": reader.seconds("CONNECTIONS_INTERVAL_S", default=300),
    }


def _people(reader: Reader, is_production: bool) -> dict[str, Any]:
    """What is demanded of people."""
    return {
        "sign_up": _sign_up(reader, is_production),
        "second_factor_for": _second_factor_for(reader),
    }


def _sign_up(reader: Reader, is_production: bool) -> SignUp:
    # Strangers found no companies in production unless the operator lets them.
    default = "closed" if is_production else "open"
    return cast("SignUp", reader.choice("SIGN_UP", get_args(SignUp), default=default))


def _second_factor_for(reader: Reader) -> SecondFactorFor:
    found = reader.choice("SECOND_FACTOR_FOR", get_args(SecondFactorFor), default="companies")
    return cast("SecondFactorFor", found)


def _trusted_hosts(reader: Reader, process: Process, is_production: bool) -> tuple[str, ...]:
    if process == "web" and is_production and not reader.text("TRUSTED_HOSTS"):
        reader.problems.append("TRUSTED_HOSTS is missing")
    return reader.optional("TRUSTED_HOSTS", host_names, default=LOOPBACK_NAMES)


def _retention(reader: Reader) -> Retention:
    return Retention(
        **{
            one.name: reader.optional(
                # Only what is kept for ever by default may be set to that.
                f"KEEP_{one.name.upper()}",
                positive if one.default else count,
                default=one.default,
            )
            for one in fields(Retention)
        }
    )


def _public_key(reader: Reader, name: str, process: Process) -> str:
    return reader.required(name, public_key) if process == "web" else ""


def _private_keys(reader: Reader, name: str, process: Process) -> tuple[str, ...]:
    if process not in _HOLDERS[name]:
        return ()
    if not reader.text(name):
        reader.problems.append(f"{name} is missing")
    return reader.optional(name, private_keys, default=())


def _check_holders(reader: Reader, process: Process) -> None:
    for name, holders in _HOLDERS.items():
        if process not in holders and reader.text(name):
            reader.problems.append(
                f"{name} belongs to {_TITLES[holders[0]]} and must not be set for {_TITLES[process]}"
            )


_TITLES: Mapping[Process, str] = {
    "web": "the web server",
    "worker": "the workers on cloud accounts",
    "background": "the background workers",
    "scheduler": "the scheduler",
    "live": "the process that tells open pages of changes",
    "reseal": "this command",
    "backup": "the backup",
}
