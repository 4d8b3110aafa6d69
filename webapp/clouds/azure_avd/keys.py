"""The application's credential, one for each service that it gets tokens for."""

from collections.abc import Callable
from typing import Any

from azure.core.pipeline.transport import HttpTransport
from azure.identity import ClientSecretCredential

from webapp.clouds.azure_avd import tokens
from webapp.clouds.azure_avd.wire import GatedTransport, Key
from webapp.clouds.base import Access

AUTHORITY = "https://login.microsoftonline.com"


def make_key(
    access: Access, wire: HttpTransport[Any, Any], pass_gate: Callable[[], None], *, service: str = ""
) -> Key:
    """`service`: whose tokens it keeps, if not Resource Manager's; a token is good for one service."""
    fields, secret = access.public_fields, access.secret.reveal()
    authority = access.endpoint.url if access.endpoint else AUTHORITY
    whose = (authority, fields["tenant_id"], fields["client_id"], secret, *([service] if service else []))
    return Key(
        lambda: ClientSecretCredential(
            fields["tenant_id"],
            fields["client_id"],
            secret,
            # Do not ask Microsoft to validate the authority: it is ours, and no variable can change it.
            authority=authority,
            disable_instance_discovery=True,
            retry_total=0,
            transport=GatedTransport(wire, pass_gate),
        ),
        memory=tokens.of_worker(),
        issued_for=tokens.fingerprint(*whose),
    )
