"""What every answer carries, and what no page may contain."""

import gzip
import re

import pytest

from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from tests.pages.weight import FONT, assets_weight

EVERYWHERE = [
    "/",
    "/sign-in",
    "/nowhere",
    "/healthz",
    "/static/logo.svg",
    "/assets/berth.css",
    "/api/nowhere",
    "/workspaces/",
]
PROVIDER_PAGES = [
    "/workspaces/",
    "/workspaces/1/",
    "/workspaces/1/terminate",
    "/workspaces/new",
    "/credentials/",
    "/credentials/new",
    "/credentials/1/",
    "/credentials/1/edit",
    "/credentials/1/delete",
    "/credentials/1/bundles/",
    "/jobs/",
    "/jobs/new",
    "/jobs/1/",
    "/jobs/1/edit",
]
PUBLIC_PAGES = ["/", "/sign-in", "/sign-up", "/sign-up/company", "/sign-up/person", "/board/", "/board/1/"]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_security_headers(stranger: Visitor, path: str) -> None:
    headers = stranger.get(path).headers

    assert headers["Content-Security-Policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self';"
    )
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Request-ID"]


def test_signed_in_pages_are_not_kept_by_the_browser(provider: Visitor) -> None:
    assert provider.get("/workspaces/").headers["Cache-Control"] == "no-store"


def test_style_script_and_pictures_are_kept_for_ever_under_an_address_of_their_content(
    stranger: Visitor,
) -> None:
    page = stranger.read("/")
    files = [
        str(a.get("href") or a.get("src")) for tag, a in page.elements if tag in ("script", "img", "link")
    ]

    assert len(files) == 6
    for file in files:
        response = stranger.get(file)
        assert re.search(r"\?v=[0-9a-f]{12}$", file)
        assert response.status_code == 200
        assert "immutable" in response.headers["Cache-Control"]


def test_htmx_comes_out_of_its_package(stranger: Visitor) -> None:
    assert 'version:"2.' in stranger.get("/assets/htmx.js").text


@pytest.mark.parametrize("path", ["/assets/passwd", "/assets/..%2f..%2fwsgi.py", "/static/../wsgi.py"])
def test_no_other_file_is_served(stranger: Visitor, path: str) -> None:
    assert stranger.get(path).status_code == 404


def test_pages_have_no_inline_script_or_style_and_one_heading_and_a_title_of_their_own(
    desk: Desk, provider: Visitor, stranger: Visitor
) -> None:
    desk.available()
    provider.post("/credentials/1/bundles/refresh")
    desk.prove_everybody()
    titles = set()

    for visitor, paths in ((provider, PROVIDER_PAGES), (stranger, PUBLIC_PAGES)):
        for path in paths:
            html = visitor.get(path).text
            page = Reader(html)
            assert len(page.headings) == 1, path
            assert page.title.endswith("· Berth"), path
            assert page.title not in titles, f"{path}: {page.title!r} is the title of another page"
            titles.add(page.title)
            for tag, attributes in page.elements:
                assert tag != "style", path
                assert tag != "script" or attributes.get("src"), path
                bad = [name for name in attributes if name == "style" or name.startswith(("on", "hx-on"))]
                assert not bad, f"{path}: {bad}"
                assert "[" not in (attributes.get("hx-trigger") or ""), path
            assert len(html.encode()) + assets_weight(stranger) < 100_000, path


def test_the_font_comes_from_here_and_is_the_one_that_the_style_names(stranger: Visitor) -> None:
    font, style = stranger.get(FONT), stranger.get("/assets/berth.css").text
    preloaded = stranger.read("/").find("link", rel="preload")[0]["href"] or ""

    assert (font.mimetype, font.data[:4]) == ("font/woff2", b"wOF2")
    assert len(font.data) < 70_000
    assert "immutable" in font.headers["Cache-Control"] and "Content-Encoding" not in font.headers
    assert preloaded.removeprefix("/assets/") in style, "another address would load it twice"


def test_style_and_script_come_packed_to_who_takes_that_and_plain_to_others(stranger: Visitor) -> None:
    plain = stranger.get("/assets/berth.css")
    packed = stranger.get("/assets/berth.css", headers={"Accept-Encoding": "gzip, br"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data


def test_ids_are_unique_on_the_page_of_a_workspace(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()

    ids = [a["id"] for _, a in provider.read(f"/workspaces/{workspace_id}/").elements if a.get("id")]

    assert len(ids) == len(set(ids))


def test_health_says_ok_and_nothing_else(stranger: Visitor) -> None:
    response = stranger.get("/healthz")

    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_a_banner_says_that_the_cloud_is_simulated(stranger: Visitor) -> None:
    assert "Simulated cloud." in stranger.read("/sign-in").text
