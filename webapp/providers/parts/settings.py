"""Which variables of the environment set something about a cloud. `webapp/config.py` reads them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIdentityNames:
    """How an operator says what the installation itself is in this cloud."""

    source: str
    """Off unless it is set: one of `domain.own_identity.SOURCES`."""
    key_id: str
    key_value: str
    """Of the secret that belongs to `key_id`."""
    principal: str
    """What companies trust. Only with it a company may choose a way to sign in that needs it."""
    principal_shape: str
    """A regular expression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSettingNames:
    endpoint_url: str
    """The address of a simulated cloud on this machine, in development only."""
    has_endpoint_per_service: bool
    """The SDK honours `<endpoint_url>_<SERVICE>` as well, so each of those is checked too."""
    https_reason: str | None
    """Why the address must begin with https://, as the end of a sentence; None: it need not."""
    ca_file: str | None
    """A file with the CA of the simulated cloud; None: it has none."""
    provision_timeout_s: str
    """How long a new desktop may take, in seconds."""
    default_provision_timeout_s: int
    directory_endpoint_url: str | None = None
    """The same, if the API of the directory's users is elsewhere; None: it has none of its own."""
    own_identity: OwnIdentityNames | None = None
    """None: no way to sign in to this cloud needs one."""
