"""nginx with the configuration that docs/deploy ships, on ports and a certificate of the test."""

import os
import shutil
import ssl
from pathlib import Path

import trustme

from tests.servers.process import ServerProcess

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "docs" / "deploy" / "nginx.conf"
ADMIN_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
NAME = "desks.example.com"
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{shipped}
}}
"""


def find() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:{ADMIN_FOLDERS}")


class Nginx:
    """In front of `upstream_port` and `live_port`; `port` speaks TLS under NAME, and `context` trusts it."""

    def __init__(
        self, folder: Path, *, port: int, plain_port: int, upstream_port: int, live_port: int
    ) -> None:
        self.port, self.plain_port, self.access_log = port, plain_port, folder / "access.log"
        authority = trustme.CA()
        certificate = authority.issue_cert(NAME)
        self.context = ssl.create_default_context()
        authority.configure_trust(self.context)
        key = folder / "key.pem"
        key.write_bytes(certificate.private_key_and_cert_chain_pem.bytes())
        key.chmod(0o600)
        shipped = SHIPPED.read_text()
        for old, new in (
            ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
            ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
            ("127.0.0.1:8000", f"127.0.0.1:{upstream_port}"),
            ("127.0.0.1:8001", f"127.0.0.1:{live_port}"),
            (f"/etc/ssl/certs/{NAME}.pem", str(key)),
            (f"/etc/ssl/private/{NAME}.key", str(key)),
        ):
            assert shipped.count(old) == 1, old
            shipped = shipped.replace(old, new)
        assert shipped.count("/var/log/nginx/berth.log") == 2
        shipped = shipped.replace("/var/log/nginx/berth.log", str(self.access_log))
        configuration = folder / "nginx.conf"
        configuration.write_text(AROUND.format(folder=folder, shipped=shipped))
        self._process = ServerProcess(
            [find() or "nginx", "-e", "stderr", "-p", folder, "-c", configuration], log=folder / "nginx.log"
        )
        self._folder = folder

    def start(self) -> None:
        self._process.start(ready=(self._folder / "nginx.pid").exists)

    def stop(self) -> None:
        self._process.stop()
