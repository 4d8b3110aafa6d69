"""A backup of PostgreSQL by its own programs: pg_dump, and pg_restore into psql in one transaction.

Passwords go to them by their environment, never by their arguments, which everybody on the host can read.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection

from webapp.services.backups.folder import new_file
from webapp.services.backups.manifest import BackupRefused

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)(\S*)")
_END = "berth: all counted"
_LONGEST_REASON = 300
_OF_THE_CONNECTION = frozenset({"password", "application_name", "fallback_application_name", "service"})
"""Not for another program, or given to it in its environment."""
EMPTIED = """
DO $berth$ DECLARE one record; BEGIN
  FOR one IN SELECT tablename AS name FROM pg_catalog.pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE pg_catalog.format('DROP TABLE public.%I CASCADE', one.name);
  END LOOP;
  FOR one IN SELECT p.oid::pg_catalog.regprocedure AS name FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public' AND NOT EXISTS
      (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE pg_catalog.format('DROP ROUTINE %s CASCADE', one.name);
  END LOOP;
  FOR one IN SELECT sequencename AS name FROM pg_catalog.pg_sequences WHERE schemaname = 'public' LOOP
    EXECUTE pg_catalog.format('DROP SEQUENCE public.%I CASCADE', one.name);
  END LOOP;
END $berth$;
"""
"""Removes what Berth has made in the schema; extensions stay."""


@dataclass(frozen=True, slots=True)
class Clients:
    """PostgreSQL's own programs: in `folder`, or where the system finds them."""

    folder: Path | None = None

    def find(self, name: str) -> str:
        """Raises BackupRefused when it is missing."""
        found = shutil.which(name, path=None if self.folder is None else str(self.folder))
        if found is None:
            where = "on this host" if self.folder is None else f"in {self.folder}"
            raise BackupRefused(
                f"{name} is not {where}. Install PostgreSQL's client programs (postgresql-client), of the"
                " server's version, or say with --clients in which folder they are."
            )
        return found

    def version(self, name: str) -> str:
        """Such as `18.6`. Raises BackupRefused."""
        done = subprocess.run([self.find(name), "--version"], capture_output=True, text=True, check=False)
        found = _VERSION.search(done.stdout)
        if found is None:
            raise BackupRefused(f"{name} does not say its version: {_reason(done.stderr)}")
        return found[1] + found[2]


@dataclass(frozen=True, slots=True)
class Server:
    """A database as PostgreSQL's programs take it."""

    address: str
    """Without secrets, because it is an argument."""
    password: str = field(repr=False)
    key_password: str = field(repr=False)
    """Of the client's private key; or empty."""

    @contextmanager
    def environ(self) -> Iterator[dict[str, str]]:
        """For a program that connects. Raises OSError."""
        environ = {"PATH": os.defpath, "LC_ALL": "C", "PGAPPNAME": "berth backup"}
        if self.password:
            environ["PGPASSWORD"] = self.password
        if not self.key_password:
            yield environ
            return
        # libpq has no variable for it; the file can be read by its owner only.
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
            file.write(f"[berth]\nsslpassword={self.key_password}\n")
            file.flush()
            yield environ | {"PGSERVICEFILE": file.name, "PGSERVICE": "berth"}


def major(version: str) -> int:
    return int(version.partition(".")[0])


def check_clients_for_dump(clients: Clients, server: str) -> str:
    """The version of pg_dump, which must be as new as the server. Raises BackupRefused."""
    client = clients.version("pg_dump")
    if major(client) < major(server):
        raise BackupRefused(
            f"pg_dump is of PostgreSQL {client}, the server of {server}. Install postgresql-client-"
            f"{major(server)}, or say with --clients in which folder it is."
        )
    return client


def check_clients_for_load(clients: Clients, server: str, dumped_by: str) -> None:
    """Raises BackupRefused."""
    for name in ("pg_restore", "psql"):
        client = clients.version(name)
        if major(client) != major(server):
            raise BackupRefused(
                f"{name} is of PostgreSQL {client}, the server of {server}: restoring needs the same. Install"
                f" postgresql-client-{major(server)}, or say with --clients in which folder it is."
            )
        if major(client) < major(dumped_by):
            raise BackupRefused(
                f"The backup was made by pg_dump {dumped_by}: PostgreSQL {major(dumped_by)} or newer can"
                f" restore it, and this server is {server}."
            )


def dump(clients: Clients, server: Server, target: Path, *, snapshot: str) -> None:
    """The whole database as `snapshot` shows it. Raises BackupRefused, OSError."""
    command = [
        clients.find("pg_dump"),
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        f"--snapshot={snapshot}",
        f"--dbname={server.address}",
    ]
    with open(new_file(target), "wb") as file, server.environ() as environ:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.PIPE, env=environ, check=False
        )
    if done.returncode:
        raise BackupRefused(f"pg_dump failed: {_reason(done.stderr.decode(errors='replace'))}")


def check_dump(clients: Clients, dumped: Path, tables: Iterable[str]) -> None:
    """Can it be read, and has it the rows of each table? Raises BackupRefused."""
    done = subprocess.run(
        [clients.find("pg_restore"), "--list", str(dumped)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupRefused(f"pg_restore cannot read it: {_reason(done.stderr)}")
    found = set(re.findall(r" TABLE DATA public (\S+) ", done.stdout))
    if missing := sorted(set(tables) - found):
        raise BackupRefused(f"The dump lacks the tables {', '.join(missing)}.")


def load(
    clients: Clients,
    server: Server,
    dumped: Path,
    *,
    tables: Mapping[str, int],
    marks: Iterable[str],
    empties: bool = False,
    is_kept: bool = True,
) -> None:
    """Everything in one transaction: what is there now is removed if it `empties`, the dump loaded, its rows
    counted, `marks` executed. Committed only if all of it went well and `is_kept`. Raises BackupRefused.
    """
    options = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]
    command = [clients.find("psql"), *options, f"--dbname={server.address}"]
    with tempfile.TemporaryFile() as errors, server.environ() as environ:
        psql = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environ
        )
        try:
            found = _play(clients, psql, dumped, tables, empties=empties)
            if found == dict(tables):
                _say(psql, *(marks if is_kept else ()), "COMMIT" if is_kept else "ROLLBACK")
        except BrokenPipeError:
            found = None
        finally:
            # Without its COMMIT the transaction never was.
            with suppress(BrokenPipeError):
                _input(psql).close()
            code = psql.wait()
            if psql.stdout is not None:
                psql.stdout.close()
        errors.seek(0)
        reason = errors.read().decode(errors="replace")
    if code or found is None:
        raise BackupRefused(f"psql failed, and nothing was changed: {_reason(reason)}")
    if found != dict(tables):
        raise BackupRefused("The dump has not the rows that the manifest names. Nothing was changed.")


def _play(
    clients: Clients, psql: subprocess.Popen[bytes], dumped: Path, tables: Mapping[str, int], *, empties: bool
) -> dict[str, int] | None:
    """How many rows each table has then; None if psql gave up. Raises BackupRefused, BrokenPipeError."""
    _say(psql, "BEGIN", *([EMPTIED] if empties else ()))
    command = [clients.find("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dumped)]
    with tempfile.TemporaryFile() as errors:
        reader = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        try:
            assert reader.stdout is not None
            shutil.copyfileobj(reader.stdout, _input(psql))
        finally:
            assert reader.stdout is not None
            reader.stdout.close()
            code = reader.wait()
        if code:
            errors.seek(0)
            reason = _reason(errors.read().decode(errors="replace"))
            raise BackupRefused(f"pg_restore failed, and nothing was changed: {reason}")
    counts = [f"SELECT 'rows', '{name}', count(*) FROM public.\"{name}\"" for name in tables]
    # The dump sets an empty search path, in which triggers find nothing.
    _say(psql, "RESET ALL", *counts, f"SELECT '{_END}'")
    return _counted(psql)


def _counted(psql: subprocess.Popen[bytes]) -> dict[str, int] | None:
    assert psql.stdout is not None
    found = {}
    for line in psql.stdout:
        if line.strip() == _END.encode():
            return found
        if line.startswith(b"rows|"):
            _, name, rows = line.decode().strip().split("|")
            found[name] = int(rows)
    return None


def _say(psql: subprocess.Popen[bytes], *statements: str) -> None:
    for statement in statements:
        _input(psql).write(f"{statement};\n".encode())
    _input(psql).flush()


def _input(psql: subprocess.Popen[bytes]) -> IO[bytes]:
    assert psql.stdin is not None
    return psql.stdin


def server_of(connection: Connection) -> Server:
    """The one that this connection has reached, with every parameter of it, wherever it was said."""
    info = connection.connection.dbapi_connection.info  # type: ignore[union-attr]  # psycopg's
    given = {name: value for name, value in info.get_parameters().items() if name not in _OF_THE_CONNECTION}
    given |= {"host": info.host, "port": str(info.port), "user": info.user, "dbname": info.dbname}
    if info.hostaddr:
        given["hostaddr"] = info.hostaddr  # a name may have several addresses
    key_password = given.pop("sslpassword", "")
    return Server(make_conninfo(**given), info.password, key_password)


def _reason(text: str) -> str:
    """The first lines of what a program said."""
    return " ".join(text.split())[:_LONGEST_REASON] or "it gave no reason."
