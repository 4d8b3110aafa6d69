"""What a backup says about itself: `manifest.json`, beside the file of the database.

Read back before anything is restored, so that a damaged or foreign folder is refused in a sentence.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from webapp.domain.errors import AppError

NAME = "manifest.json"
FORMAT = 1
FILES = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}
"""The name of the database's file, by kind."""
KEYS_ARE_ELSEWHERE = (
    "Secrets are in here sealed. What opens them is not: keep copies of CREDENTIAL_PRIVATE_KEYS,"
    " WEBHOOK_PRIVATE_KEYS and SECRET_KEY (in /etc/berth/worker, background and web) in another safe place."
)
_TABLE = re.compile(r"[a-z_][a-z0-9_]*")
_CHUNK_BYTES = 1 << 20


class BackupRefused(AppError):
    """A backup that cannot be made, read or restored; the message says why and what to do."""

    code = "backup_refused"


@dataclass(frozen=True, slots=True)
class Keys:
    """Which private keys open what is sealed in it, by their ids; never a key."""

    credential: tuple[str, ...]
    webhook: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    database: str
    """`postgresql` or `sqlite`."""
    version: str
    """Of the Berth that made it."""
    migration: str
    installation: str
    """The uid that is in every claim of this installation."""
    created_at: datetime
    """The moment of which it is."""
    server: str
    """The version of the database's server; of the library for SQLite."""
    client: str
    """The version of pg_dump; of the library for SQLite."""
    tables: Mapping[str, int]
    """Rows, by table, at that moment."""
    keys: Keys
    bytes: int
    sha256: str
    """Of the database's file."""
    keys_are_elsewhere: str = KEYS_ARE_ELSEWHERE
    format: int = FORMAT

    @property
    def file(self) -> str:
        return FILES[self.database]

    @property
    def rows(self) -> int:
        return sum(self.tables.values())

    def as_text(self) -> str:
        return json.dumps(asdict(self), indent=2, default=datetime.isoformat, sort_keys=True) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Raises BackupRefused."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except OSError:
        raise BackupRefused(f"{folder} is no backup: it has no readable {NAME}.") from None
    except ValueError:
        raise BackupRefused(f"{folder / NAME} is damaged.") from None
    if isinstance(found, dict) and found.get("format", FORMAT) != FORMAT:
        raise BackupRefused(f"{folder} has a format that this Berth does not know. Use a newer Berth.")
    try:
        return _parse(found)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BackupRefused(f"{folder / NAME} is damaged.") from None


def _parse(found: dict[str, Any]) -> Manifest:
    keys = {name: tuple(str(one) for one in found["keys"][name]) for name in ("credential", "webhook")}
    tables = {str(name): int(rows) for name, rows in found["tables"].items()}
    if found["database"] not in FILES or not all(map(_TABLE.fullmatch, tables)):
        raise ValueError("not a manifest of ours")
    return Manifest(
        database=found["database"],
        version=str(found["version"]),
        migration=str(found["migration"]),
        installation=str(found["installation"]),
        server=str(found["server"]),
        client=str(found["client"]),
        sha256=str(found["sha256"]),
        created_at=datetime.fromisoformat(found["created_at"]),
        tables=tables,
        keys=Keys(**keys),
        bytes=int(found["bytes"]),
    )


def sha256_of(path: Path) -> str:
    """Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def check_file(folder: Path, manifest: Manifest) -> Path:
    """The database's file, which is as it was written. Raises BackupRefused."""
    path = folder / manifest.file
    try:
        size = path.stat().st_size
        is_same = size == manifest.bytes and sha256_of(path) == manifest.sha256
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read: {error.strerror}.") from None
    if not is_same:
        raise BackupRefused(f"{path} is not as it was written: its size or SHA-256 differs.")
    return path
