"""The settings of each cloud: where a simulated one is, how long a desktop may take, who we are there."""

import os
import re
from dataclasses import dataclass
from typing import cast

from webapp.config_reader import Reader
from webapp.config_values import endpoint_problem
from webapp.domain.endpoints import Endpoint
from webapp.domain.own_identity import SOURCES, OwnIdentity, Source
from webapp.providers.parts.settings import CloudSettingNames, OwnIdentityNames


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """What this installation sets about one cloud."""

    endpoint: Endpoint | None
    """The simulated cloud, on loopback; None talks to the real one."""
    provision_timeout_s: int
    """How long a new desktop may take."""
    identity: OwnIdentity = OwnIdentity()
    """What the installation itself is there."""


def read_cloud(
    reader: Reader, names: CloudSettingNames, *, is_production: bool, calls_clouds: bool
) -> CloudSettings:
    """`calls_clouds`: this process needs the installation's own identity; others only know its name."""
    url = _endpoint_url(reader, names, is_production=is_production)
    ca_file = _ca_file(reader, names)
    timeout_s = reader.seconds(names.provision_timeout_s, default=names.default_provision_timeout_s)
    directory_url = _directory_url(reader, names)
    identity = _identity(reader, names.own_identity, is_full=calls_clouds)
    return CloudSettings(Endpoint(url, ca_file, directory_url) if url else None, timeout_s, identity)


def _identity(reader: Reader, names: OwnIdentityNames | None, *, is_full: bool) -> OwnIdentity:
    if names is None:
        return OwnIdentity()
    principal = reader.text(names.principal)
    if principal and not re.fullmatch(names.principal_shape, principal):
        reader.problems.append(f"{names.principal} must look like arn:aws:iam::123456789012:role/berth")
    source = cast("Source", reader.choice(names.source, SOURCES, default="off"))
    if not is_full:
        return OwnIdentity(principal=principal)
    key_id, secret = reader.text(names.key_id), reader.text(names.key_value)
    if source == "key" and not (key_id and secret):
        reader.problems.append(f"{names.key_id} and {names.key_value} are needed for {names.source}=key")
    if source != "key" and (key_id or secret):
        reader.problems.append(f"{names.key_id} and {names.key_value} belong to {names.source}=key")
    return OwnIdentity(source, key_id, secret, principal)


def _endpoint_url(reader: Reader, names: CloudSettingNames, *, is_production: bool) -> str:
    for name in _endpoint_names(reader, names):
        url = reader.text(name)
        if is_production:
            reader.problems.append(f"{name} is for development and must not be set in production")
        elif names.https_reason and not url.startswith("https://"):
            reader.problems.append(f"{name} must begin with https://, {names.https_reason}")
        elif problem := endpoint_problem(url):
            reader.problems.append(f"{name} {problem}")
    return reader.text(names.endpoint_url).rstrip("/")


def _endpoint_names(reader: Reader, names: CloudSettingNames) -> list[str]:
    """Every variable that is set and would send calls elsewhere."""
    if not names.has_endpoint_per_service:
        known = (names.endpoint_url, names.directory_endpoint_url)
        return [name for name in known if name and reader.text(name)]
    return sorted(
        name for name in reader.environ if name.startswith(names.endpoint_url) and reader.text(name)
    )


def _directory_url(reader: Reader, names: CloudSettingNames) -> str | None:
    name = names.directory_endpoint_url
    url = reader.text(name).rstrip("/") if name else ""
    if url and not reader.text(names.endpoint_url):
        reader.problems.append(f"{name} belongs to {names.endpoint_url}, which is not set")
    return url or None


def _ca_file(reader: Reader, names: CloudSettingNames) -> str | None:
    if names.ca_file is None:
        return None
    path = reader.text(names.ca_file)
    if path and not reader.text(names.endpoint_url):
        reader.problems.append(f"{names.ca_file} belongs to {names.endpoint_url}, which is not set")
    elif path and not os.path.isfile(path):
        reader.problems.append(f"{names.ca_file} must be a file that exists")
    return path or None
