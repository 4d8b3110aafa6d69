"""The part of the control client that is about disks: what is on them, and who copies them."""

from __future__ import annotations

from sandbox.control_client import ControlClient, Json


class DiskControls(ControlClient):
    def work_on(self, name: str) -> int:
        """Somebody changes files on this machine; returns the new version of what its disk has."""
        return int(self._ask("POST", "work", {"name": name})["version"])

    def fill(self, name: str, *, full: bool = True) -> None:
        """Somebody fills this machine's system disk, so that nothing can be copied there, or makes room."""
        self._ask("POST", "fill", {"name": name, "full": full})

    def make_snapshot(self, name: str, *, of: str, tags: dict[str, str]) -> None:
        """Somebody takes one of this machine's system disk by hand."""
        self._ask("POST", "snapshots", {"name": name, "of": of, "tags": tags})

    def make_disk(self, name: str) -> None:
        """Somebody makes an empty one by hand, without our tags."""
        self._ask("POST", "disks", {"name": name})

    def drop_snapshot(self, name: str) -> None:
        """Somebody deletes one by hand."""
        self._ask("DELETE", "snapshots", {"name": name})

    def contents(self) -> Json:
        """The living `disks` and `snapshots`: name, version, claim, state, born_at, its machine.

        A disk also has `returned`: the versions whose files have been copied back onto it.
        """
        return dict(self._ask("GET", "contents"))

    def protect(self, name: str, vault: str | None) -> None:
        """Azure Backup keeps this machine in a vault; None: it does not any more."""
        self._ask("POST", "vault", {"name": name, "vault": vault})

    def lock(self, level: str | None, *, name: str = "") -> None:
        """Somebody locks this machine, or the group (`CanNotDelete`, `ReadOnly`); None: not any more."""
        self._ask("POST", "lock", {"name": name, "level": level})
