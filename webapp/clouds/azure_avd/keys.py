"""The application's credential, one for each service that it gets tokens for."""

from collections.abc import Callable
from typing import Any

from azure.core.pipeline.transport import HttpTransport
from azure.identity import CertificateCredential, ClientSecretCredential

from webapp.clouds.azure_avd import tokens
from webapp.clouds.azure_avd.wire import GatedTransport, Key
from webapp.clouds.base import Access
from webapp.domain.errors import CloudError, Failure, Trouble

AUTHORITY = "https://login.microsoftonline.com"


def make_key(
    access: Access, wire: HttpTransport[Any, Any], pass_gate: Callable[[], None], *, service: str = ""
) -> Key:
    """`service`: whose tokens it keeps, if not Resource Manager's; a token is good for one service.

    Raises CloudError for a certificate that cannot be read.
    """
    fields, secret = access.public_fields, access.secret.reveal()
    authority = access.endpoint.url if access.endpoint else AUTHORITY
    whose = (authority, fields["tenant_id"], fields["client_id"], secret, *([service] if service else []))

    def make() -> ClientSecretCredential | CertificateCredential:
        named: dict[str, Any] = {
            # Do not ask Microsoft to validate the authority: it is ours, and no variable can change it.
            "authority": authority,
            "disable_instance_discovery": True,
            "retry_total": 0,
            "transport": GatedTransport(wire, pass_gate),
        }
        if access.auth_kind == "certificate":
            return CertificateCredential(
                fields["tenant_id"], fields["client_id"], certificate_data=secret.encode(), **named
            )
        return ClientSecretCredential(fields["tenant_id"], fields["client_id"], secret, **named)

    try:
        return Key(make, memory=tokens.of_worker(), issued_for=tokens.fingerprint(*whose))
    except ValueError:
        # Its text may repeat what it could not read.
        raise CloudError(Failure("invalid_key", Trouble.CREDENTIAL)) from None
