"""Settings: a wrong environment is refused at once and completely, and no setting shows a secret."""

import base64
from pathlib import Path

import boto3
import pytest

from tests.cases import each_case
from webapp.config import Process, Settings
from webapp.domain.endpoints import Endpoint
from webapp.providers.aws_workspaces.fields import REGIONS
from webapp.vault.keys import generate_pair

PUBLIC, PRIVATE = generate_pair()
WEBHOOK_PUBLIC, WEBHOOK_PRIVATE = generate_pair()
SECRET_KEY = "d41d8cd98f00b204e9800998ecf8427e0123"
WEB = {
    "DATABASE_URL": "postgresql+psycopg://berth:db-password@db.example/berth?sslmode=verify-full",
    "REDIS_URL": "rediss://:redis-password@queue.example:6379/0",
    "SECRET_KEY": SECRET_KEY,
    "CREDENTIAL_PUBLIC_KEY": PUBLIC,
    "WEBHOOK_PUBLIC_KEY": WEBHOOK_PUBLIC,
    "TRUSTED_HOSTS": "berth.example.com, .desks.example.com",
}
COMMON = {name: WEB[name] for name in ("DATABASE_URL", "REDIS_URL")}
WORKER = COMMON | {"CREDENTIAL_PRIVATE_KEYS": PRIVATE}
BACKGROUND = COMMON | {"WEBHOOK_PRIVATE_KEYS": WEBHOOK_PRIVATE}
PRIVATE_KEYS = ["CREDENTIAL_PRIVATE_KEYS", "WEBHOOK_PRIVATE_KEYS"]


def _refusal(environ: dict[str, str], *, process: Process = "web") -> str:
    with pytest.raises(SystemExit) as caught:
        Settings.from_env(environ, process=process)
    return str(caught.value)


@pytest.mark.parametrize(
    ("process", "names"),
    [
        ("web", list(WEB)),
        ("worker", ["DATABASE_URL", "REDIS_URL", "CREDENTIAL_PRIVATE_KEYS"]),
        ("background", ["DATABASE_URL", "REDIS_URL", "WEBHOOK_PRIVATE_KEYS"]),
        ("reseal", ["DATABASE_URL", "REDIS_URL", *PRIVATE_KEYS]),
        ("scheduler", ["DATABASE_URL", "REDIS_URL"]),
        ("backup", ["DATABASE_URL", "REDIS_URL"]),
    ],
)
def test_everything_that_is_missing_is_named_at_once(process: Process, names: list[str]) -> None:
    said = _refusal({}, process=process)

    assert [name for name in [*WEB, *PRIVATE_KEYS] if f"{name} is missing" in said] == names


@pytest.mark.parametrize(
    ("environ", "sign_up"),
    [({}, "closed"), ({"SIGN_UP": "invited"}, "invited"), ({"BERTH_ENV": "development"}, "open")],
)
def test_strangers_found_no_companies_in_production_unless_the_operator_lets_them(
    environ: dict[str, str], sign_up: str
) -> None:
    assert Settings.from_env(WEB | environ).sign_up == sign_up


@pytest.mark.parametrize(
    ("environ", "whom"), [({}, "companies"), ({"SECOND_FACTOR_FOR": "everybody"}, "everybody")]
)
def test_a_second_factor_is_demanded_of_everybody_if_the_operator_says_so(
    environ: dict[str, str], whom: str
) -> None:
    assert Settings.from_env(WEB | environ).second_factor_for == whom
    assert "SECOND_FACTOR_FOR must be one of companies, everybody" in _refusal(
        WEB | {"SECOND_FACTOR_FOR": "all"}
    )


@each_case("name", sorted(WEB))
def test_spaces_are_as_good_as_nothing(name: str) -> None:
    assert f"{name} is missing" in _refusal(WEB | {name: "  "})


def test_a_complete_environment_is_enough() -> None:
    web = Settings.from_env(WEB)
    worker = Settings.from_env(WORKER, process="worker")

    assert web.is_production
    assert not web.uses_sandbox
    assert web.credential_private_keys == ()
    assert worker.credential_private_keys == (PRIVATE,)
    assert worker.secret_key == ""
    assert web.trusted_hosts == ("berth.example.com", ".desks.example.com")
    background = Settings.from_env(BACKGROUND, process="background")
    assert background.webhook_private_keys == (WEBHOOK_PRIVATE,)
    assert background.credential_private_keys == web.webhook_private_keys == worker.webhook_private_keys == ()
    assert Settings.from_env(WEB | {"DEMO_PASSWORD": "public"}).demo_password == "", "no demo in production"


@each_case(
    ("name", "value"),
    [
        ("BERTH_ENV", "staging"),
        ("DATABASE_URL", "mysql://db/berth"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgresql://db:port/berth"),
        ("REDIS_URL", "http://queue"),
        ("REDIS_URL", "queue:6379"),
        ("CREDENTIAL_PUBLIC_KEY", "short"),
        ("CREDENTIAL_PUBLIC_KEY", base64.b64encode(b"x" * 31).decode()),
        ("BERTH_METRICS_TOKEN", "short"),
        ("BERTH_METRICS_PORT", "any"),
        ("PROMETHEUS_MULTIPROC_DIR", "/nowhere/at/all"),
        ("POLL_INTERVAL_S", "0"),
        ("POLL_INTERVAL_S", "-30"),
        ("POLL_INTERVAL_S", "half a minute"),
        ("PROVISION_TIMEOUT_S", "1e9"),
        ("OBSERVE_INTERVAL_S", "3.5"),
        ("SETTLE_S", "none"),
        ("ABSENCE_GAP_S", "x"),
        ("LOST_SPAN_S", "0"),
        ("INVENTORY_INTERVAL_S", "0"),
        ("CONNECTIONS_INTERVAL_S", "0"),
        ("SANDBOX_SPEED", "fast"),
        ("RETRY_DELAYS_S", "30,,120"),
        ("RETRY_DELAYS_S", "30,0"),
        ("RETRY_DELAYS_S", "30;60"),
        ("TRUSTED_PROXIES", "-1"),
        ("SIGN_UP", "yes"),
        ("SECOND_FACTOR_FOR", "operators"),
        ("LIVE_URL", "live/events"),
        ("LIVE_URL", "//elsewhere/live"),
        ("LIVE_URL", "javascript:alert(1)"),
        ("LIVE_URL", "http://x/; script-src *"),
        ("TRUSTED_PROXIES", "all"),
        ("TRUSTED_HOSTS", "https://berth.example.com"),
        ("TRUSTED_HOSTS", "berth.example.com:8000"),
        ("TRUSTED_HOSTS", "*"),
        ("TRUSTED_HOSTS", "[::1]"),
        ("TRUSTED_HOSTS", ","),
        ("WEBHOOK_PORTS", "https"),
        ("WEBHOOK_PORTS", "443,"),
        ("WEBHOOK_PORTS", "0"),
        ("WEBHOOK_PORTS", "65536"),
        ("LOCAL_ISSUERS", "localhost"),
        ("DNS_SERVER", "9.9.9.9"),
        ("DNS_SERVER", "dns.example.com:53"),
        ("DNS_SERVER", "9.9.9.9:0"),
        ("LOG_LEVEL", "CHATTY"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "a@example.com, b@example.com"),
        ("MAIL_FROM", "Berth <bérth@example.com>"),
        ("PUBLIC_URL", "berth.example.com"),
        ("PUBLIC_URL", "https://berth.example.com/?x=1"),
        ("PUBLIC_URL", "http://berth.example.com"),
    ],
)
def test_a_malformed_setting_is_named(name: str, value: str) -> None:
    assert name in _refusal(WEB | {name: value})


def test_several_malformed_settings_are_named_together() -> None:
    said = _refusal(WEB | {"POLL_INTERVAL_S": "x", "LOG_LEVEL": "x", "REDIS_URL": "x"})

    assert all(name in said for name in ("POLL_INTERVAL_S", "LOG_LEVEL", "REDIS_URL"))


def test_a_refusal_never_repeats_a_secret() -> None:
    bad_key = base64.b64encode(b"a private key of a wrong length").decode()
    said = _refusal(WORKER | {"CREDENTIAL_PRIVATE_KEYS": f"{PRIVATE},{bad_key}"}, process="worker")

    assert "key 2" in said
    assert PRIVATE not in said
    assert bad_key not in said


@each_case(
    "secret",
    ["x", "a" * 31, "changeme" * 5, "Change-Me-" * 4, "secret-" * 5, "development" * 4, "password" * 4],
)
def test_production_refuses_a_signing_key_that_can_be_guessed(secret: str) -> None:
    said = _refusal(WEB | {"SECRET_KEY": secret})

    assert "SECRET_KEY must be" in said
    assert secret == "x" or secret not in said


def test_development_takes_a_short_signing_key() -> None:
    assert Settings.from_env(WEB | {"BERTH_ENV": "development", "SECRET_KEY": "dev"}).secret_key == "dev"


@each_case(
    "name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_WORKSPACES", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_X"]
)
@each_case("process", ["web", "worker", "scheduler"])
def test_production_refuses_every_other_cloud(name: str, process: Process) -> None:
    said = _refusal(COMMON | {name: "http://127.0.0.1:5999"}, process=process)

    assert f"{name} is for development" in said


@pytest.mark.parametrize(
    ("process", "foreign"),
    [
        ("web", PRIVATE_KEYS),
        ("worker", ["SECRET_KEY", "WEBHOOK_PRIVATE_KEYS"]),
        ("background", ["SECRET_KEY", "CREDENTIAL_PRIVATE_KEYS"]),
        ("scheduler", ["SECRET_KEY", *PRIVATE_KEYS]),
        ("backup", ["SECRET_KEY", *PRIVATE_KEYS]),
    ],
)
def test_production_refuses_the_secrets_of_other_processes(process: Process, foreign: list[str]) -> None:
    said = _refusal(WEB | WORKER | BACKGROUND, process=process)

    named = [one for one in ("SECRET_KEY", *PRIVATE_KEYS) if f"{one} belongs to" in said]
    assert named == foreign
    assert not [secret for secret in (SECRET_KEY, PRIVATE, WEBHOOK_PRIVATE) if secret in said]


def test_the_web_of_a_development_machine_leaves_the_private_key_alone() -> None:
    all_of_them = WEB | WORKER | BACKGROUND | {"BERTH_ENV": "development"}
    settings = Settings.from_env(all_of_them)

    assert settings.credential_private_keys == settings.webhook_private_keys == ()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000", "http://localhost:5000/", "https://[::1]:5000", "http://127.9.9.9:1"]
)
def test_a_sandbox_on_this_machine_is_fine_in_development(url: str) -> None:
    settings = Settings.from_env(WEB | {"BERTH_ENV": "development", "AWS_ENDPOINT_URL": url})

    assert settings.uses_sandbox
    assert settings.endpoint_of("aws") == Endpoint(url.rstrip("/"))


@each_case(
    "url",
    [
        "http://169.254.169.254",
        "http://10.0.0.1:5000",
        "http://0.0.0.0:5000",
        "http://example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://user:pass@127.0.0.1",
        "http://127.0.0.1#@example.com/x",
        "http://2130706433",
        "http://0x7f000001",
        "http://[::ffff:169.254.169.254]",
        "http://[::]",
        "http://127.0.0.1/proxy/http://example.com",
        "http://127.0.0.1?next=http://example.com",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "//127.0.0.1",
        "127.0.0.1:5000",
        "http://",
        "http://[127.0.0.1",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
    ],
)
@each_case("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_WORKSPACES"])
def test_an_endpoint_anywhere_else_is_refused_even_in_development(name: str, url: str) -> None:
    assert name in _refusal(WEB | {"BERTH_ENV": "development", name: url})


def test_the_regions_are_those_of_the_service() -> None:
    known = boto3.session.Session().get_available_regions("workspaces")

    assert sorted(REGIONS) == sorted(known)


@pytest.mark.parametrize(
    ("environ", "process"), [(WEB, "web"), (WORKER, "worker"), (BACKGROUND, "background")]
)
def test_settings_show_no_secret(environ: dict[str, str], process: Process) -> None:
    settings = Settings.from_env(environ, process=process)

    for text in (repr(settings), str(settings), f"{settings}"):
        for secret in ("db-password", "redis-password", SECRET_KEY, PRIVATE, WEBHOOK_PRIVATE):
            assert secret not in text


AZURE = "https://127.0.0.1:4567"
DEVELOPMENT = WORKER | {"BERTH_ENV": "development"}


def test_a_simulated_azure_is_named_with_its_own_ca(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("a certificate")

    settings = Settings.from_env(
        DEVELOPMENT | {"AZURE_ENDPOINT_URL": f"{AZURE}/", "AZURE_CA_FILE": str(ca_file)}, process="worker"
    )

    assert settings.endpoint_of("azure") == Endpoint(AZURE, str(ca_file))
    assert settings.endpoint_of("aws") is None
    assert settings.uses_sandbox


def test_a_simulated_directory_may_be_elsewhere_on_this_machine() -> None:
    settings = Settings.from_env(
        DEVELOPMENT | {"AZURE_ENDPOINT_URL": AZURE, "AZURE_GRAPH_ENDPOINT_URL": "https://127.0.0.1:4568/"},
        process="worker",
    )

    assert settings.endpoint_of("azure") == Endpoint(AZURE, directory_url="https://127.0.0.1:4568")


@each_case(
    ("changes", "says"),
    [
        ({"AZURE_ENDPOINT_URL": "http://127.0.0.1:4567"}, "AZURE_ENDPOINT_URL must begin with https://"),
        (
            {"AZURE_ENDPOINT_URL": "https://management.azure.com"},
            "AZURE_ENDPOINT_URL must point to this machine",
        ),
        ({"AZURE_CA_FILE": "/etc/hosts"}, "AZURE_CA_FILE belongs to AZURE_ENDPOINT_URL"),
        ({"AZURE_ENDPOINT_URL": AZURE, "AZURE_CA_FILE": "/nowhere.pem"}, "AZURE_CA_FILE must be a file"),
        ({"AZURE_ENDPOINT_URL": AZURE, "BERTH_ENV": "production"}, "must not be set in production"),
        ({"AZURE_GRAPH_ENDPOINT_URL": AZURE}, "AZURE_GRAPH_ENDPOINT_URL belongs to AZURE_ENDPOINT_URL"),
        (
            {"AZURE_ENDPOINT_URL": AZURE, "AZURE_GRAPH_ENDPOINT_URL": "https://graph.microsoft.com"},
            "AZURE_GRAPH_ENDPOINT_URL must point to this machine",
        ),
        (
            {"AZURE_ENDPOINT_URL": AZURE, "AZURE_GRAPH_ENDPOINT_URL": "http://127.0.0.1:4568"},
            "AZURE_GRAPH_ENDPOINT_URL must begin with https://",
        ),
        (
            {"AZURE_GRAPH_ENDPOINT_URL": AZURE, "BERTH_ENV": "production"},
            "AZURE_GRAPH_ENDPOINT_URL is for development",
        ),
        ({"PROVISION_TIMEOUT_AZURE_S": "soon"}, "PROVISION_TIMEOUT_AZURE_S must be a whole number"),
    ],
)
def test_what_is_wrong_with_azures_settings_is_said(changes: dict[str, str], says: str) -> None:
    with pytest.raises(SystemExit, match=says):
        Settings.from_env(DEVELOPMENT | changes, process="worker")


def test_a_development_machine_answers_under_its_own_names_only() -> None:
    nameless = {name: value for name, value in WEB.items() if name != "TRUSTED_HOSTS"}

    settings = Settings.from_env(nameless | {"BERTH_ENV": "development"})

    assert settings.trusted_hosts == ("127.0.0.1", "localhost")


def test_a_secret_may_come_as_a_credential_of_systemd(tmp_path: Path) -> None:
    (tmp_path / "CREDENTIAL_PRIVATE_KEYS").write_text(f"{PRIVATE}\n")

    settings = Settings.from_env(COMMON | {"CREDENTIALS_DIRECTORY": str(tmp_path)}, process="worker")

    assert settings.credential_private_keys == (PRIVATE,)
    assert "CREDENTIAL_PRIVATE_KEYS belongs to" in _refusal(WEB | {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_each_cloud_has_its_own_patience() -> None:
    settings = Settings.from_env(
        DEVELOPMENT | {"PROVISION_TIMEOUT_S": "1000", "PROVISION_TIMEOUT_AZURE_S": "2000"}, process="worker"
    )

    assert settings.provision_timeout_of("aws") == 1000
    assert settings.provision_timeout_of("azure") == 2000


def test_a_cloud_that_nobody_knows_is_no_other_cloud() -> None:
    settings = Settings.from_env(DEVELOPMENT | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, process="worker")

    with pytest.raises(KeyError):
        settings.endpoint_of("gcp")
    with pytest.raises(KeyError):
        settings.provision_timeout_of("gcp")


def test_an_issuer_inside_a_network_is_for_development_alone() -> None:
    local = {"LOCAL_ISSUERS": "127.0.0.1,::1"}

    assert Settings.from_env(WEB | local | {"BERTH_ENV": "development"}).local_issuers == {"127.0.0.1", "::1"}
    assert Settings.from_env(WEB | local).local_issuers == frozenset()


def test_only_what_is_kept_for_ever_by_default_may_be_kept_for_ever() -> None:
    kept = Settings.from_env(BACKGROUND | {"KEEP_RECORDS_DAYS": "0"}, process="background").retention
    assert kept.records_days == 0
    years = Settings.from_env(BACKGROUND | {"KEEP_RECORDS_DAYS": "3650"}, process="background").retention
    assert years.records_days == 3650
    refused = _refusal(BACKGROUND | {"KEEP_MAILS_DAYS": "0", "KEEP_RECORDS_DAYS": "-1"}, process="background")
    assert "KEEP_MAILS_DAYS must be a whole number of at least 1" in refused
    assert "KEEP_RECORDS_DAYS must be a whole number" in refused


IDENTITY = {
    "AWS_IDENTITY": "key",
    "AWS_IDENTITY_KEY_ID": "AKIABERTHOWN00000001",
    "AWS_IDENTITY_SECRET": "an own secret",
    "AWS_PRINCIPAL_ARN": "arn:aws:iam::999900001111:user/berth",
}


def test_berth_has_no_identity_of_its_own_unless_the_operator_says_so() -> None:
    ambient = {"AWS_ACCESS_KEY_ID": "AKIAOFSOMEBODYELSE01", "AWS_SECRET_ACCESS_KEY": "theirs"}

    identity = Settings.from_env(WORKER | ambient, process="worker").identity_of("aws")

    assert (identity.source, identity.key_id, identity.secret, identity.principal) == ("off", "", "", "")


def test_the_key_of_berths_own_identity_is_the_workers_alone() -> None:
    settings = Settings.from_env(WORKER | IDENTITY, process="worker")

    identity = settings.identity_of("aws")
    assert (identity.source, identity.secret) == ("key", "an own secret")
    assert "an own secret" not in repr(settings)
    assert "AWS_IDENTITY_SECRET belongs to the workers" in _refusal(WEB | IDENTITY)


def test_the_web_server_knows_the_name_of_berths_identity_and_no_more() -> None:
    public = {name: IDENTITY[name] for name in ("AWS_IDENTITY", "AWS_PRINCIPAL_ARN")}

    identity = Settings.from_env(WEB | public).identity_of("aws")

    assert (identity.source, identity.principal) == ("off", IDENTITY["AWS_PRINCIPAL_ARN"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"AWS_IDENTITY_SECRET": ""}, "are needed for AWS_IDENTITY=key"),
        ({"AWS_IDENTITY": "instance"}, "belong to AWS_IDENTITY=key"),
        ({"AWS_IDENTITY": "default"}, "AWS_IDENTITY must be one of"),
        ({"AWS_PRINCIPAL_ARN": "berth"}, "AWS_PRINCIPAL_ARN must look like"),
    ],
)
def test_half_an_identity_is_refused(changes: dict[str, str], words: str) -> None:
    assert words in _refusal(WORKER | IDENTITY | changes, process="worker")
