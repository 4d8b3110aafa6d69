"""squid with the configuration that docs/deploy ships, on a port and with a table of hosts of the test."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from socket import create_connection

from tests.servers.process import ServerProcess

EGRESS = Path(__file__).resolve().parents[2] / "docs" / "deploy" / "egress"
ADMIN_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
AROUND = """
pid_filename none
access_log none
cache_log stdio:/dev/null
hosts_file {folder}/hosts
"""


def find() -> str | None:
    return shutil.which("squid", path=f"{os.environ.get('PATH', os.defpath)}:{ADMIN_FOLDERS}")


class Squid:
    """On `port`; `hosts` gives names to addresses, and so addresses to names, in place of a DNS server."""

    def __init__(self, folder: Path, *, port: int, hosts: Mapping[str, str]) -> None:
        self.port = port
        shipped = (EGRESS / "squid.conf").read_text()
        for old, new in (
            ("http_port 127.0.0.1:3128", f"http_port 127.0.0.1:{port}"),
            ("/etc/squid/berth-clouds.txt", str(EGRESS / "clouds.txt")),
        ):
            assert shipped.count(old) == 1, old
            shipped = shipped.replace(old, new)
        (folder / "hosts").write_text("".join(f"{address} {name}\n" for address, name in hosts.items()))
        configuration = folder / "squid.conf"
        configuration.write_text(shipped + AROUND.format(folder=folder))
        self._process = ServerProcess(
            [find() or "squid", "-N", "-f", configuration], log=folder / "squid.log"
        )

    def start(self) -> None:
        self._process.start(ready=self._is_there)

    def stop(self) -> None:
        """At once: it keeps nothing, and asked it would wait for seconds."""
        self._process.kill()

    def _is_there(self) -> bool:
        try:
            create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True
