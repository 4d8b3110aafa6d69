"""Images: those that were made of desktops, and those that own bundles came with."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.demo import short_id
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Image:
    """One row of the image table."""

    seq: int
    image_id: str
    account_id: str
    region: str
    name: str
    description: str
    os_type: str
    state: str
    created_at: float
    workspace_id: str | None
    """The desktop that it was made of; None: it came with an own bundle."""
    root_version: int | None
    """What that desktop's system had when it was asked for. The user's disk is never in an image."""
    until: float | None
    then_state: str | None
    then_code: str | None
    then_message: str | None
    error_code: str | None
    error_message: str | None
    deleted_at: float | None
    """The row stays, so that ids are never used again and a test can count."""


class Images:
    def __init__(self, store: Store) -> None:
        self._store = store

    def settle(self, now: float) -> None:
        """Apply every transition that is due."""
        self._store.run(
            "UPDATE image SET state = then_state, error_code = then_code, error_message = then_message,"
            " until = NULL, then_state = NULL, then_code = NULL, then_message = NULL WHERE until <= ?",
            now,
        )

    def add(self, values: dict[str, Any]) -> Image:
        """Add one that is made of a desktop. Its id depends only on how many there were before."""
        number = len(self.list_made()) + 1
        image_id = "wsi-" + short_id("made image", values["account_id"], values["region"], number)
        self._store.insert("image", {**values, "image_id": image_id})
        return self.get(image_id)

    def get(self, image_id: str) -> Image:
        row = self._store.one("SELECT * FROM image WHERE image_id = ?", image_id)
        assert row is not None, image_id
        return _image(row)

    def find(self, image_id: str, *, account_id: str, region: str) -> Image | None:
        found = self.list_present(account_id=account_id, region=region)
        return next((one for one in found if one.image_id == image_id), None)

    def list_present(self, *, account_id: str, region: str) -> list[Image]:
        """Of every state, oldest first, without the deleted ones."""
        rows = self._store.rows(
            "SELECT * FROM image WHERE account_id = ? AND region = ? AND deleted_at IS NULL ORDER BY seq",
            account_id,
            region,
        )
        return [_image(row) for row in rows]

    def list_made(self) -> list[Image]:
        """Every one that was ever made of a desktop, oldest first, also deleted ones."""
        rows = self._store.rows("SELECT * FROM image WHERE workspace_id IS NOT NULL ORDER BY seq")
        return [_image(row) for row in rows]

    def is_in_a_bundle(self, image: Image) -> bool:
        """Whether a bundle of its account uses it."""
        row = self._store.one(
            "SELECT 1 FROM bundle WHERE image_id = ? AND owner = ?", image.image_id, image.account_id
        )
        return row is not None

    def update(self, image_id: str, **changes: Any) -> None:
        names = ", ".join(f"{name} = ?" for name in changes)
        self._store.run(f"UPDATE image SET {names} WHERE image_id = ?", *changes.values(), image_id)

    def tags_of(self, image_id: str) -> dict[str, str]:
        rows = self._store.rows("SELECT key, value FROM image_tag WHERE image_id = ? ORDER BY key", image_id)
        return {row["key"]: row["value"] for row in rows}

    def set_tags(self, image_id: str, tags: dict[str, str]) -> None:
        for key, value in tags.items():
            self._store.run("INSERT OR REPLACE INTO image_tag VALUES (?, ?, ?)", image_id, key, value)

    def remove_tags(self, image_id: str, keys: list[str]) -> None:
        for key in keys:
            self._store.run("DELETE FROM image_tag WHERE image_id = ? AND key = ?", image_id, key)


def _image(row: sqlite3.Row) -> Image:
    return Image(**dict(row))
