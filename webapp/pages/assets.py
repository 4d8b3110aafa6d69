"""Our style sheet, htmx, the font, and URLs of static files that change with their content.

htmx and the font come from packages; they are not copied into this repository. The style
sheet consists of the files in `static/css/`, joined at startup, so that a page loads one file.
"""

import gzip
import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, make_response, request, url_for

from webapp.guards import public

bp = Blueprint("assets", __name__, url_prefix="/assets")

FOREVER = "public, max-age=31536000, immutable"
LAYERS = "@layer reset, tokens, base, layout, ui;\n"
FONT = "geist.woff2"
# Beside the style sheet, so the address is relative; `swap`: text is readable before the font is there.
FONT_FACE = """@font-face {{ font-family: "Geist"; src: url("{address}") format("woff2");
  font-weight: 100 900; font-display: swap; }}
"""
KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file, plain and compressed: it has no secret, so compression cannot leak any."""

    plain: bytes
    packed: bytes | None
    """None for what is compressed already."""


def register(app: Flask) -> None:
    """Read the files once, and offer `asset()` to the templates."""
    static = Path(app.static_folder or "static")
    font = _packaged("mkdocs-shadcn", "shadcn", "fonts/Geist.woff2")
    face = FONT_FACE.format(address=f"{FONT}?v={_version(font)}")
    css = LAYERS + face + "".join(path.read_text() for path in sorted((static / "css").glob("*.css")))
    files = {
        "berth.css": css.encode(),
        "htmx.js": _packaged("django-htmx", "django_htmx", "static/django_htmx/htmx-2.min.js"),
        "app.js": b"".join(path.read_bytes() for path in sorted((static / "js").glob("*.js"))),
        FONT: font,
    }
    app.extensions["berth-assets"] = {name: _asset(name, content) for name, content in files.items()}
    versions = {name: _version(content) for name, content in files.items()}
    for path in static.rglob("*.*"):
        if path.is_file():
            versions[path.relative_to(static).as_posix()] = _version(path.read_bytes())

    @public("style, script and pictures")
    def static_file(filename: str) -> Response:
        return app.send_static_file(filename)

    app.view_functions["static"] = static_file

    def asset(name: str) -> str:
        if name in app.extensions["berth-assets"]:
            return url_for("assets.show", name=name, v=versions[name])
        return url_for("static", filename=name, v=versions[name])

    app.jinja_env.globals["asset"] = asset


@bp.get("/<name>")
@public("style, script and font")
def show(name: str) -> Response:
    found: Asset | None = current_app.extensions["berth-assets"].get(name)
    if found is None:
        return make_response("File not found.\n", 404, {"Content-Type": "text/plain; charset=utf-8"})
    kind = KINDS[name.rpartition(".")[2]]
    headers = {"Content-Type": kind, "Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if found.packed is not None and request.accept_encodings.quality("gzip") > 0:
        return make_response(found.packed, 200, {**headers, "Content-Encoding": "gzip"})
    return make_response(found.plain, 200, headers)


def _asset(name: str, content: bytes) -> Asset:
    return Asset(content, None if name == FONT else gzip.compress(content, mtime=0))


def _packaged(package: str, module: str, path: str) -> bytes:
    """A file that a package carries; find_spec does not import what the package itself needs."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {package}, which carries {path}, is not installed")
    return (Path(spec.origin).parent / path).read_bytes()


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
