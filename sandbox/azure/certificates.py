"""The private CA that callers must trust: created once, then kept in the state file."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

import trustme

from sandbox.store import Store

NAMES = ("localhost", "127.0.0.1")


class Authority:
    """Restarting with the same state file keeps the same CA."""

    def __init__(self, store: Store) -> None:
        with store.transaction():
            self._ca = _remembered(store) or _new(store)

    @property
    def certificate(self) -> bytes:
        """PEM, for the callers."""
        return self._ca.cert_pem.bytes()

    def write(self, path: str | None) -> str:
        """Write the certificate to a file (without a path: a temporary one) and return its path."""
        if path is None:
            with tempfile.NamedTemporaryFile(prefix="sandbox-azure-ca-", suffix=".pem", delete=False) as file:
                path = file.name
        Path(path).write_bytes(self.certificate)
        return path

    def server_context(self, *names: str) -> ssl.SSLContext:
        """For a server with these names or addresses, in addition to the default ones."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*dict.fromkeys((*NAMES, *names))).configure_cert(context)
        return context


def _remembered(store: Store) -> trustme.CA | None:
    row = store.one("SELECT value FROM kept WHERE key = 'authority'")
    if row is None:
        return None
    certificate, _, key = str(row["value"]).partition("|")
    return trustme.CA.from_pem(certificate.encode(), key.encode())


def _new(store: Store) -> trustme.CA:
    ca = trustme.CA(organization_name="Berth sandbox", organization_unit_name="Simulated Azure")
    text = f"{ca.cert_pem.bytes().decode()}|{ca.private_key_pem.bytes().decode()}"
    store.run("INSERT INTO kept VALUES ('authority', ?)", text)
    return ca
