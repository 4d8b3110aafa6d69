"""An installation with an identity of its own at Amazon, and a role of the demo's account that trusts it."""

from dataclasses import replace

from sandbox import demo
from sandbox.control import Sandbox
from tests.clouds.aws.stage import AwsStage
from tests.desk import Desk
from webapp.config import Settings
from webapp.domain.own_identity import OwnIdentity
from webapp.models import CloudCredential
from webapp.services import credentials

ROLE = f"arn:aws:iam::{demo.DEMO_ACCOUNT_ID}:role/berth"
PLACE = {"region": demo.DEMO_REGION, "directory_id": demo.DEMO_DIRECTORY_ID}
ROLE_FIELDS = {**PLACE, "role_arn": ROLE}
IDENTITY = OwnIdentity(
    "key", demo.BERTH_ACCESS_KEY_ID, demo.BERTH_SECRET_ACCESS_KEY, principal=demo.BERTH_PRINCIPAL
)


def with_identity(settings: Settings, identity: OwnIdentity = IDENTITY) -> Settings:
    cloud = AwsStage.cloud
    known = replace(settings.clouds[cloud], identity=identity)
    return replace(settings, clouds={**settings.clouds, cloud: known})


def trust(sandbox: Sandbox, external_id: str | None, *, role_arn: str = ROLE, **more: bool) -> None:
    """The company creates the role with the trust policy that Berth shows, or another one."""
    sandbox.put_role(role_arn, principals=[demo.BERTH_PRINCIPAL], external_id=external_id, **more)


def enter_role(desk: Desk, **fields: str) -> CloudCredential:
    """The desk's first credential signs in with a role from now on; it is not tested yet."""
    return credentials.change_credential(
        desk.context,
        desk.credential_id,
        company_id=desk.provider.company_id or 0,
        name="Cloud",
        auth_kind="role",
        fields=ROLE_FIELDS | fields,
    )


def with_role(desk: Desk) -> str:
    """The desk's first credential has exchanged its key for a role, and is tested; the external ID."""
    external_id = enter_role(desk).public_fields["external_id"]
    trust(desk.sandbox, external_id)
    desk.work()
    assert desk.credential().is_usable
    return external_id
