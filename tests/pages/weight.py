"""How heavy a page is over the wire, for a browser that has nothing of it yet."""

from tests.pages.reader import Visitor

ASSETS = ("/assets/berth.css", "/assets/htmx.js", "/assets/app.js", "/static/logo.svg")
FONT = "/assets/geist.woff2"
"""Read once and kept for ever; the page is shown before it is there."""


def assets_weight(visitor: Visitor) -> int:
    """Bytes of style, script and picture, as a browser asks for them."""
    answers = [visitor.get(path, headers={"Accept-Encoding": "gzip, deflate, br"}) for path in ASSETS]
    assert all(one.status_code == 200 for one in answers)
    return sum(len(one.data) for one in answers)


def page_weight(visitor: Visitor, path: str) -> int:
    return len(visitor.get(path).data) + assets_weight(visitor)
