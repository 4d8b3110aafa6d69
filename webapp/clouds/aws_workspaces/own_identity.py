"""The installation's own keys at Amazon, from where the operator said, and from nowhere else.

The SDK would look into variables, files and metadata services one after the other, and take what it finds
first; here it asks exactly one of them.
"""

import os

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from webapp.clouds.aws_workspaces.sessions import Keys
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.own_identity import OwnIdentity, Source

_PROVIDERS: dict[Source, str] = {
    "token_file": "assume-role-with-web-identity",
    "container": "container-role",
    "instance": "iam-role",
}
"""The SDK's own names of where it may look."""
EXCHANGED_IN = "us-east-1"
"""Every account has this region, whatever region the platform names (`client.ALWAYS_ENABLED_REGION`)."""
CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 5, 15


def unproven(cloud_code: str = "") -> CloudError:
    """Only the operator can help; it is nobody's key, so everything waits."""
    return CloudError(Failure("own_identity_missing", Trouble.TRANSIENT, cloud_code=cloud_code))


def own_keys(identity: OwnIdentity) -> Keys:
    """Raises CloudError, transient: the operator must help, and work then continues."""
    if identity.source == "off":
        raise unproven()
    if identity.source == "key":
        return Keys(identity.key_id, identity.secret)
    session = botocore.session.Session()
    session.set_config_variable("config_file", os.devnull)
    session.set_config_variable("credentials_file", os.devnull)
    # Else the token of a file would go to a host that is not in docs/deploy/egress/clouds.txt.
    session.set_config_variable("region", EXCHANGED_IN)
    session.set_config_variable("sts_regional_endpoints", "regional")
    session.set_default_client_config(
        Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            ignore_configured_endpoint_urls=True,
        )
    )
    try:
        found = session.get_component("credential_provider").get_provider(_PROVIDERS[identity.source]).load()
        frozen = found.get_frozen_credentials() if found is not None else None
    except (BotoCoreError, ClientError, OSError, ValueError) as error:
        raise unproven(type(error).__name__) from None
    if frozen is None:
        raise unproven()
    return Keys(frozen.access_key, frozen.secret_key, frozen.token)
