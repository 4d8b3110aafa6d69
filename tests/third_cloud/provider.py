"""Everything pure about Tide Desktops, as `webapp/providers/<cloud>/` has it of a real cloud."""

import re
from datetime import timedelta

from webapp.domain.cloud_advice import CloudAdvice, Usual
from webapp.domain.costs.spans import Power
from webapp.domain.desktop_rules import DesktopRules
from webapp.domain.end_records import Outcome, Remain
from webapp.domain.in_time import CreatePace
from webapp.domain.lifecycle import Action
from webapp.providers.base import Provider
from webapp.providers.parts.billing import Billing
from webapp.providers.parts.capacity import Capacity
from webapp.providers.parts.connecting import ConnectionInput, ConnectionProvider, Way
from webapp.providers.parts.fields import CloudFields, Field, Kind
from webapp.providers.parts.provider_copy import ProviderCopy
from webapp.providers.parts.settings import CloudSettingNames
from webapp.providers.parts.setup_guide import SetupGuide, Step
from webapp.providers.parts.usernames import UsernameRule

_PROJECT = re.compile(r"[a-z]{3,20}")
_NAME = re.compile(r"[a-z]+")


def _way(connection_input: ConnectionInput) -> Way:
    return Way(
        sign_in_name=connection_input.username,
        client_download_url="https://tide.example/app",
        app="the Tide app",
        app_help="for every system",
        steps=["Install the Tide app.", f"Sign in as {connection_input.username}."],
        sign_in_help="Your company gives you a password.",
        answers=[],
    )


PROVIDER = Provider(
    key="tide",
    label="Tide Desktops",
    fields=CloudFields(
        fields=(
            Field(
                "tide_project",
                "Project",
                missing="Enter the project.",
                help="Tide console → Projects.",
                shape=_PROJECT,
                problem="A project has 3 to 20 small letters.",
            ),
        ),
        sealed=Field(
            "tide_key",
            "Key",
            missing="Enter the key.",
            help="Tide console → Keys.",
            kind=Kind.SEALED,
            longest=100,
        ),
        key_id="tide_project",
        scope=("tide_project",),
        place=("tide_project",),
    ),
    desktops=DesktopRules(
        types=("ubuntu",),
        refused_types={"windows": "Tide has no Windows."},
        refused_actions={Action.REBUILD: "Tide has no rebuild."},
        restarts_broken=False,
        running_mode="BY_DAY",
        remains=(Remain("machine", "The machine", Outcome.ABSENT),),
    ),
    usernames=UsernameRule(
        longest=30,
        missing="Enter the person’s Tide name.",
        shape_problem=lambda name: None if _NAME.fullmatch(name) else "Tide names are small letters.",
        pattern="{first}{last}",
    ),
    advice=CloudAdvice(
        words={},
        codes={},
        launch_hints=(),
        usual=Usual(
            create=timedelta(minutes=10),
            create_says="Most are ready after five minutes.",
            actions={},
            connect_says="port 443 must be open.",
        ),
    ),
    connection=ConnectionProvider(
        link=lambda connection_input: f"tide://{connection_input.username}",
        way=_way,
        starts_on_connect=lambda _: False,
    ),
    billing=Billing(
        sizes=(),
        resized=lambda kind, code: (),
        region_field="tide_project",
        bill_fields=(),
        power_of=lambda _state: Power.RUNNING,
        charges=lambda _spans, _book: (),
        tariff_of=lambda _kind: None,
        always_on_mode=None,
    ),
    capacity=Capacity(pace=CreatePace(per_call=5, per_minute=5), quota=None),
    prices=(),
    setup_guide=SetupGuide(
        steps=(Step("A project", "It holds the desktops.", "Tide console → Projects"),),
        policy_name="Role",
        policy_help="It may create desktops.",
        policy='{"role": "desktops"}',
        fills={},
        unfilled="",
    ),
    copy=ProviderCopy(
        choice="Ubuntu. You need a project and a key.",
        bundles="The sizes that Tide offers.",
        no_bundles="Check the project.",
        username_label="Tide name",
        needed_first="{person} must already be in the project {tide_project}.",
        username_help="The name of {person} in the project {tide_project}.",
        billing={"BY_DAY": "by the day"},
        billing_of_order="Tide bills by the day.",
        usual_time="Tide usually needs five minutes.",
        pool="the project",
        goes_with_it="The person’s Tide name stays.",
        key_outlives="The key stays valid at Tide.",
    ),
    settings=CloudSettingNames(
        endpoint_url="TIDE_ENDPOINT_URL",
        has_endpoint_per_service=False,
        https_reason=None,
        ca_file=None,
        provision_timeout_s="PROVISION_TIMEOUT_TIDE_S",
        default_provision_timeout_s=1200,
    ),
    sdk_loggers=(),
)
