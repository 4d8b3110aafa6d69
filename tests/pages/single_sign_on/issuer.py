"""A small real OpenID provider on this machine, which can misbehave: codes with PKCE, tokens with RSA."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "berth-of-quayside"
Answer = tuple[int, dict[str, str], bytes]


@lru_cache
def rsa_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


@dataclass
class Issuer:
    """`person` is whoever sits at its sign-in page. What is set below makes it misbehave."""

    now: Callable[[], datetime]
    person: dict[str, Any] = field(default_factory=dict)
    client_secret: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    """In the place of the right ones; None leaves one out."""
    key: RSAKey = field(default_factory=lambda: rsa_key("first"))
    """Signs; the list of keys has `first` alone."""
    algorithm: str = "RS256"
    document: dict[str, Any] = field(default_factory=dict)
    """In the place of what the discovery document should say."""
    answers: dict[str, Answer] = field(default_factory=dict)
    """By path, whatever else it is."""
    silent: set[str] = field(default_factory=set)
    """Paths that are not answered until the test is over."""
    over: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Released by each request."""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, path and headers of each request."""
    tokens_given: list[dict[str, str]] = field(default_factory=list)
    """What was posted for each token that was given."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """What the browser asked for; each is given for once."""
    shows_page: bool = False
    """The person presses a link there, as people do; else the browser is sent back at once."""
    url: str = ""

    def start(self) -> ThreadingHTTPServer:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer("")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _answer(self, body: str) -> None:
                path = urlsplit(self.path).path
                headers = {name.lower(): value for name, value in self.headers.items()}
                issuer.asked.append((self.command, path, headers))
                issuer.arrived.release()
                if path in issuer.silent:
                    issuer.over.wait(20)
                status, more, content = issuer.answer(self.path, body, headers)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def answer(self, target: str, body: str, headers: dict[str, str]) -> Answer:
        parts = urlsplit(target)
        if parts.path in self.answers:
            return self.answers[parts.path]
        match parts.path:
            case "/.well-known/openid-configuration":
                return _json(200, self._document())
            case "/authorize":
                location = self.authorize(dict(parse_qsl(parts.query)))
                if self.shows_page:
                    page = f'<!doctype html><a href="{escape(location)}">Continue as Ada</a>'
                    return 200, {"Content-Type": "text/html"}, page.encode()
                return 302, {"Location": location}, b""
            case "/token":
                return self._token({name: found[0] for name, found in parse_qs(body).items()}, headers)
            case "/keys":
                return _json(200, {"keys": [{"kty": "made up"}, rsa_key("first").as_dict(private=False)]})
        return 404, {}, b""

    def authorize(self, asked: dict[str, str]) -> str:
        """The person signs in at once; the address that the browser is sent back to."""
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def count(self, path: str) -> int:
        return sum(one == path for _, one, _ in self.asked)

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            **self.document,
        }

    def _token(self, posted: dict[str, str], headers: dict[str, str]) -> Answer:
        asked = self.codes.pop(posted.get("code", ""), None)
        digest = hashlib.sha256(posted.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge:
            return _json(400, {"error": "invalid_grant"})
        if asked["redirect_uri"] != posted.get("redirect_uri") or not self._is_client(posted, headers):
            return _json(401, {"error": "invalid_client"})
        self.tokens_given.append(posted)
        token = {"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}
        return _json(200, token)

    def _is_client(self, posted: dict[str, str], headers: dict[str, str]) -> bool:
        if not self.client_secret:
            return posted.get("client_id") == CLIENT_ID and "authorization" not in headers
        if "client_secret" in posted:
            return (posted["client_id"], posted["client_secret"]) == (CLIENT_ID, self.client_secret)
        text = base64.b64decode(headers.get("authorization", "").removeprefix("Basic ")).decode()
        return text.split(":") == [CLIENT_ID, self.client_secret] or unquote(text) == (
            f"{CLIENT_ID}:{self.client_secret}"
        )

    def _id_token(self, nonce: str) -> str:
        now_s = int(self.now().timestamp())
        right = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now_s,
            "exp": now_s + 300,
            "nonce": nonce,
            **self.person,
        }
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        header = {"alg": self.algorithm, "kid": "first"}
        if self.algorithm in ("none", "HS256"):
            return _forged(header, claims)
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])


def _forged(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """By hand, because libraries refuse it: not signed, or with the public key as a password."""
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, claims)]
    public = rsa_key("first").as_pem(private=False)
    signature = b""
    if header["alg"] == "HS256":
        signature = hmac.new(public, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def _json(status: int, content: dict[str, Any]) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()
