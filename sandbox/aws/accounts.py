"""What exists before any desktop: accounts, keys, directories with users, subnets, bundles, images."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from sandbox import demo
from sandbox.aws.catalogue import Bundle, list_public_bundles
from sandbox.store import Store

GHOST_PREFIX = "ghost"
"""A directory without a list of users accepts every user name that does not start with this."""
KEY_STATES = ("active", "disabled", "expired")


@dataclass(frozen=True, slots=True)
class Key:
    access_key_id: str
    secret: str
    account_id: str
    user_name: str
    state: str
    denied: tuple[str, ...]
    session_token: str | None

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account_id}:user/{self.user_name}"

    @property
    def principal_arn(self) -> str:
        """What a trust policy calls it."""
        return self.arn

    def is_denied(self, action: str) -> bool:
        return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in self.denied)


@dataclass(frozen=True, slots=True)
class Account:
    account_id: str
    quota: int
    quota_style: str
    """"item": each item beyond the quota fails. "call": the whole call fails."""
    regions_off: tuple[str, ...] = ()
    """Regions that the account has not enabled: there, its keys are unknown."""


@dataclass(frozen=True, slots=True)
class Directory:
    directory_id: str
    account_id: str
    region: str
    name: str
    registration_code: str
    state: str
    subnet_ids: tuple[str, ...]
    users: tuple[str, ...] | None
    directory_type: str
    web_access: str
    user_identity_type: str = "AWS_DIRECTORY_SERVICE"
    workspace_type: str = "PERSONAL"
    saml: str = "DISABLED"
    """The status of SamlProperties: DISABLED, ENABLED or ENABLED_WITH_DIRECTORY_LOGIN_FALLBACK."""
    service_type: str = ""
    """The type of Directory Service; empty: the one that fits `directory_type`, `NONE`: it is not there."""
    data_access: str = "Disabled"
    """Disabled, Enabling, Enabled, Disabling or Failed."""
    data_access_until: float | None = None
    """When Enabling becomes Enabled."""

    def data_access_at(self, now: float) -> str:
        """The status of data access, as of this time."""
        is_done = self.data_access == "Enabling" and (self.data_access_until or 0.0) <= now
        return "Enabled" if is_done else self.data_access

    @property
    def type_in_service(self) -> str | None:
        """MicrosoftAD, SharedMicrosoftAD, SimpleAD or ADConnector; None: Directory Service has it not."""
        if self.service_type:
            return None if self.service_type == "NONE" else self.service_type
        if "AWS_IAM_IDENTITY_CENTER" in (self.user_identity_type, self.directory_type):
            return None
        return {"SIMPLE_AD": "SimpleAD", "AD_CONNECTOR": "ADConnector"}.get(self.directory_type)

    def knows(self, user_name: str) -> bool:
        if self.users is None:
            return not user_name.lower().startswith(GHOST_PREFIX)
        return user_name.lower() in {name.lower() for name in self.users}


class Accounts:
    def __init__(self, store: Store) -> None:
        self._store = store

    def find_key(self, access_key_id: str) -> Key | None:
        row = self._store.one("SELECT * FROM access_key WHERE access_key_id = ?", access_key_id)
        return None if row is None else Key(**{**dict(row), "denied": tuple(json.loads(row["denied"]))})

    def get_account(self, account_id: str) -> Account:
        row = self._store.one("SELECT * FROM account WHERE account_id = ?", account_id)
        assert row is not None, "a key belongs to an account"
        return Account(**{**dict(row), "regions_off": tuple(json.loads(row["regions_off"]))})

    def list_directories(self, account_id: str, region: str) -> list[Directory]:
        rows = self._store.rows(
            "SELECT * FROM directory WHERE account_id = ? AND region = ? ORDER BY directory_id",
            account_id,
            region,
        )
        return [_directory(dict(row)) for row in rows]

    def find_directory(self, directory_id: str, *, account_id: str, region: str) -> Directory | None:
        found = self.list_directories(account_id, region)
        return next((one for one in found if one.directory_id == directory_id), None)

    def find_bundle(self, bundle_id: str, *, account_id: str, region: str) -> Bundle | None:
        """The bundle, if this account may use it in this region."""
        row = self._store.one(
            "SELECT * FROM bundle WHERE bundle_id = ? AND region = ? AND owner IN ('AMAZON', ?)",
            bundle_id,
            region,
            account_id,
        )
        if row is None:
            return None
        return Bundle(**{name: row[name] for name in Bundle.__dataclass_fields__})

    def add_account(self, account: Account) -> None:
        self._store.run("DELETE FROM account WHERE account_id = ?", account.account_id)
        self._store.insert("account", {**asdict(account), "regions_off": json.dumps(account.regions_off)})

    def add_key(self, key: Key) -> None:
        self._store.run("DELETE FROM access_key WHERE access_key_id = ?", key.access_key_id)
        self._store.insert("access_key", {**asdict(key), "denied": json.dumps(key.denied)})

    def add_directory(self, directory: Directory) -> None:
        self._store.run("DELETE FROM directory WHERE directory_id = ?", directory.directory_id)
        values: dict[str, Any] = asdict(directory)
        values["subnet_ids"] = json.dumps(directory.subnet_ids)
        values["users"] = None if directory.users is None else json.dumps(directory.users)
        self._store.insert("directory", values)

    def add_subnet(
        self,
        subnet_id: str,
        *,
        account_id: str,
        region: str,
        free: int,
        zone: str,
        vpc_id: str = demo.DEMO_VPC_ID,
    ) -> None:
        number = len(self._store.rows("SELECT 1 FROM subnet"))
        self._store.run("DELETE FROM subnet WHERE subnet_id = ?", subnet_id)
        self._store.insert(
            "subnet",
            {
                "subnet_id": subnet_id,
                "account_id": account_id,
                "region": region,
                "vpc_id": vpc_id,
                "cidr": f"10.{number % 250}.0.0/22",
                "zone": zone,
                "free": free,
            },
        )

    def add_bundle(self, bundle: Bundle, *, created_at: float) -> None:
        self._store.run("DELETE FROM bundle WHERE bundle_id = ?", bundle.bundle_id)
        self._store.insert("bundle", {**asdict(bundle), "created_at": created_at})

    def add_public_bundles(self, region: str, *, created_at: float) -> None:
        if self._store.one("SELECT 1 FROM bundle WHERE region = ? AND owner = 'AMAZON'", region) is None:
            for bundle in list_public_bundles(region):
                self.add_bundle(bundle, created_at=created_at)

    def add_own_bundle(self, bundle: Bundle, *, created_at: float) -> None:
        """With the image it is made of, unless that was made of a desktop; without one if it names none."""
        self.add_bundle(bundle, created_at=created_at)
        if not bundle.image_id:
            return
        self._store.run("DELETE FROM image WHERE image_id = ? AND workspace_id IS NULL", bundle.image_id)
        if self._store.one("SELECT 1 FROM image WHERE image_id = ?", bundle.image_id) is not None:
            return
        self._store.insert(
            "image",
            {
                "image_id": bundle.image_id,
                "account_id": bundle.owner,
                "region": bundle.region,
                "name": f"{bundle.name} image".replace(" ", "-"),
                "description": f"The image of {bundle.name}",
                "os_type": "WINDOWS" if bundle.os_name.startswith("WINDOWS") else "LINUX",
                "state": "AVAILABLE",
                "created_at": created_at,
            },
        )


def _directory(row: dict[str, Any]) -> Directory:
    row["subnet_ids"] = tuple(json.loads(row["subnet_ids"]))
    row["users"] = None if row["users"] is None else tuple(json.loads(row["users"]))
    return Directory(**row)


def add_demo_account(accounts: Accounts, *, now: float) -> None:
    """The demo account: one directory, a generous quota, public and own bundles, two regions."""
    account_id, region = demo.DEMO_ACCOUNT_ID, demo.DEMO_REGION
    accounts.add_account(Account(account_id, demo.DEMO_QUOTA, "item"))
    accounts.add_key(
        Key(
            demo.DEMO_ACCESS_KEY_ID, demo.DEMO_SECRET_ACCESS_KEY, account_id, "berth-demo", "active", (), None
        )
    )
    accounts.add_account(Account(demo.BERTH_ACCOUNT_ID, 0, "item"))
    accounts.add_key(
        Key(
            demo.BERTH_ACCESS_KEY_ID,
            demo.BERTH_SECRET_ACCESS_KEY,
            demo.BERTH_ACCOUNT_ID,
            "berth",
            "active",
            (),
            None,
        )
    )
    for subnet_id, zone in zip(demo.DEMO_SUBNET_IDS, "ab", strict=True):
        accounts.add_subnet(subnet_id, account_id=account_id, region=region, free=250, zone=f"{region}{zone}")
    accounts.add_directory(
        Directory(
            demo.DEMO_DIRECTORY_ID,
            account_id,
            region,
            demo.DEMO_DIRECTORY_NAME,
            demo.DEMO_REGISTRATION_CODE,
            "REGISTERED",
            demo.DEMO_SUBNET_IDS,
            demo.DEMO_PEOPLE,
            "SIMPLE_AD",
            "ALLOW",
            service_type="MicrosoftAD",
            data_access="Enabled",
        )
    )
    created_at = now - 90 * 86400
    for one in (region, demo.DEMO_OTHER_REGION):
        accounts.add_public_bundles(one, created_at=created_at)
    _add_own_bundles(accounts, account_id, region, created_at)


def _add_own_bundles(accounts: Accounts, account_id: str, region: str, created_at: float) -> None:
    own = (("Customer care desktop", "WINDOWS_SERVER_2022"), ("Data team desktop", "UBUNTU_22_04"))
    for name, os_name in own:
        accounts.add_own_bundle(
            Bundle(
                bundle_id="wsb-" + demo.short_id("own bundle", name),
                region=region,
                owner=account_id,
                name=name,
                description=f"{name}, made by the company",
                image_id="wsi-" + demo.short_id("own image", name),
                compute="STANDARD",
                root_gib=80,
                user_gib=50,
                os_name=os_name,
                protocol="WSP",
            ),
            created_at=created_at,
        )
