"""axe-core finds nothing on any page, in light and dark, on a phone and on a desk; one button leads."""

from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser.conftest import Site, Visit
from tests.browser.furnished import OPERATOR, Furnished, furnish

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
MIDDLE = 720
"""A tablet held upright: tables are still tables there."""
EVERY_RULE = {"resultTypes": ["violations"]}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
LOOKS = (
    ("light", WIDE, EVERY_RULE),
    ("dark", WIDE, COLOURS),
    ("dark", NARROW, EVERY_RULE),
    ("light", NARROW, COLOURS),
)
"""Every rule at both widths; what a theme can change, in all four. The page is loaded once."""
IN_TURN = (
    (("light", WIDE, EVERY_RULE), ("dark", NARROW, COLOURS)),
    (("dark", WIDE, COLOURS), ("light", NARROW, EVERY_RULE)),
)
"""For every other page: both widths and both themes, and every rule once. With --whole each page has all."""
REPETITIVE = ("/docs/api/",)
"""Thousands of elements out of a few templates. Axe judges each shape once; with --whole, all of them."""
MEASURE = """() => {
    const said = [], wide = document.documentElement.scrollWidth - innerWidth;
    if (wide > 0) said.push(`${wide} px too wide`);
    const filled = document.querySelectorAll(".button:is(:not([data-tone]), [data-tone=first])");
    if (filled.length > 1) said.push(`${filled.length} filled buttons`);
    return said;
}"""
LEAVE_ONE_OF_EACH_SHAPE = """() => {
    const own = (one) => Array.from(one.attributes).filter(({ name }) => !["id", "href"].includes(name))
        .map(({ name, value }) => `${name}=${value}`);
    const shape = (one) => `(${[one.tagName, ...own(one), one.textContent.trim() !== "",
        ...Array.from(one.children, shape)].join(" ")})`;
    for (const kind of ["tr", "li", "p", "div", "details", "article"]) {
        const seen = new Map();
        for (const one of document.querySelectorAll(`main ${kind}`)) {
            const those = seen.get(one.parentElement) ?? new Set();
            seen.set(one.parentElement, those);
            if (those.has(shape(one))) one.remove();
            else those.add(shape(one));
        }
    }
}"""
"""Of siblings with the same elements, attributes and presence of text; axe judges them alike."""


NO_PAGES = {
    *("static", "assets.show", "health.show", "health.ready", "metrics.show"),
    *(
        "calendar.read",
        "csv_files.desktops",
        "csv_files.applicants",
        "csv_files.group_order",
        "csv_files.sizes",
        "costs.table",
        "trail.table",
        "trail.lines",
        "own_data.show",
        "accounts.look",
        "end_records.pdf",
    ),
}
"""Files, and what scripts and machines read."""
FRAGMENTS = {
    "start.overview",
    "workspaces.rows",
    "workspaces.status",
    "bundles.list_",
    "orders.bundles",
    "credentials.checks",
    "cohorts.rows",
    "desktops.cards",
    "desktops.connect",
}
"""Parts of pages: looked at as a part of them."""


def axe() -> str:
    spec = find_spec("axe_playwright_python")
    assert spec is not None and spec.origin is not None
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def complaints_about(page: Page, paths: list[str], *, source: str, is_whole: bool) -> dict[str, list[str]]:
    """What axe found, what is wider than the window and where more than one button is filled, each with the
    pages and looks that have it."""
    found: dict[str, list[str]] = defaultdict(list)
    for place, path in enumerate(paths):
        page.goto(path)
        if path in REPETITIVE and not is_whole:
            for size in (WIDE, NARROW, {"width": MIDDLE, "height": 900}):
                page.set_viewport_size(size)  # type: ignore[arg-type]
                for one in page.evaluate(MEASURE):
                    found[one].append(f"{path} {size['width']}")
            page.evaluate(LEAVE_ONE_OF_EACH_SHAPE)
        page.evaluate(source)
        for scheme, size, options in LOOKS if is_whole else IN_TURN[place % 2]:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.set_viewport_size(size)  # type: ignore[arg-type]
            said = page.evaluate(
                """async (options) => {
                    const { violations } = await axe.run(document, options);
                    return violations.flatMap((one) => one.nodes.map(
                        (node) => `${one.id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`));
                }""",
                options,
            )
            for one in [*said, *page.evaluate(MEASURE)]:
                found[one].append(f"{path} {scheme} {size['width']}")
        page.set_viewport_size({"width": MIDDLE, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found[f"{wide} px too wide"].append(f"{path} {MIDDLE}")
    return dict(found)


PUBLIC = [
    "/",
    "/board/",
    "/board/1/",
    "/sign-in",
    "/sign-up",
    "/sign-up/company",
    "/sign-up/person",
    "/password/forgotten",
    "/sign-in/code",
    "/sign-in/company",
    "/sign-in/company?domain=example.com",
    "/sign-in/company/back/1",
]


OPERATOR_PATHS = ["/operator/", "/operator/people?address=p"]


def seeker_paths(made: Furnished) -> list[str]:
    return ["/desktops/", f"/desktops/{made.running}/", "/board/1/", "/account/remove"]


def provider_paths(made: Furnished) -> list[str]:
    one, failed = f"/workspaces/{made.running}/", f"/workspaces/{made.failed}/"
    return [
        "/start/",
        "/schedule/",
        "/workspaces/",
        "/workspaces/?state=MAINTENANCE",
        "/workspaces/new",
        one,
        failed,
        f"/workspaces/{made.ordered}/",
        f"/workspaces/{made.ended}/",
        f"/workspaces/{made.ended}/record",
        f"/workspaces/{made.left}/",
        f"/workspaces/{made.left}/record",
        f"/workspaces/{made.left}/bring-back",
        f"/workspaces/{made.brought}/",
        "/records/",
        f"{one}log",
        f"{one}metrics",
        f"{one}costs",
        f"{one}terminate",
        f"{one}rebuild",
        f"{one}restore",
        f"{one}system-images/new",
        f"{one}system-images/1/delete",
        f"{one}size",
        f"{one}size/confirm?property=running_mode&value=ALWAYS_ON",
        f"{one}hand-over",
        f"{one}hand-over?application={made.undecided}",
        f"/workspaces/new?application={made.hired_again}",
        f"/workspaces/bulk/?action=terminate&id={made.running}&id={made.ordered}",
        "/cohorts/",
        "/cohorts/new?job=1",
        f"/cohorts/{made.cohort}/",
        "/jobs/",
        "/jobs/new",
        "/jobs/1/",
        "/jobs/1/edit",
        "/profiles/",
        "/profiles/new",
        "/profiles/1/",
        "/profiles/1/edit",
        "/contracts/1/",
        "/contracts/grace",
        "/jobs/1/contract",
        "/orphans/",
        "/costs/",
        "/costs/unpriced",
        "/costs/modes/",
        "/costs/desktops?by=cloud&key=aws&currency=USD&order=estimated",
        "/capacity/",
        "/capacity/1/",
        "/costs/budgets/",
        "/costs/budgets/1/edit",
        "/costs/budgets/1/lift",
        "/costs/budgets/1/delete",
        "/credentials/",
        "/credentials/new",
        "/credentials/new?cloud=aws",
        "/credentials/new?cloud=azure",
        "/credentials/new?cloud=azure&auth_kind=certificate",
        "/credentials/1/",
        "/credentials/1/edit",
        "/credentials/1/edit?auth_kind=role",
        "/credentials/1/delete",
        "/credentials/1/bundles/",
        "/credentials/1/pools/",
        "/credentials/1/snapshots/",
        "/credentials/1/snapshots/1/delete",
        "/credentials/1/retired/",
        f"{one}move",
        "/orphans/1/adopt",
        "/orphans/1/terminate",
        "/orphans/of/1/terminate-all",
        "/account/",
        "/account/second-factor/",
        "/account/remove",
        f"/people/colleagues/{made.former_colleague}/remove",
        f"/people/colleagues/{made.former_colleague}/role",
        "/account/passkeys/",
        "/account/calendar/",
        "/account/prove/",
        "/people/",
        "/people/invite",
        "/trail/",
        "/people/single-sign-on/",
        "/tokens/",
        "/mail/",
        "/mail/?show=failed",
        "/webhooks/",
        "/webhooks/1/",
        "/webhooks/1/delete",
        "/docs/api/",
        "/workspaces/99/",
    ]


def test_no_page_shuts_anybody_out(site: Site, visit: Visit, pytestconfig: pytest.Config) -> None:
    made = furnish(site.desk)
    looks = {"source": axe(), "is_whole": pytestconfig.getoption("--whole")}

    found = {
        **complaints_about(visit("provider@example.com"), provider_paths(made), **looks),
        **complaints_about(visit(made.seeker), seeker_paths(made), **looks),
        **complaints_about(visit(OPERATOR), OPERATOR_PATHS, **looks),
        **complaints_about(visit(None), [*PUBLIC, *made.links], **looks),
    }

    assert found == {}


LINKED = ("/invitation/", "/password/new", "/account/email/confirm", "/account/digest/stop")
"""Pages of links in mails, which `furnish` makes."""


def test_every_page_is_looked_at(app: Flask) -> None:
    """A new page needs its line above."""
    made = Furnished(*[1] * 6, seeker="", links=LINKED)
    routes = app.url_map.bind("localhost")
    paths = [*provider_paths(made), *seeker_paths(made), *OPERATOR_PATHS, *PUBLIC, *made.links]
    seen = {routes.match(urlsplit(path).path)[0] for path in paths}
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/")
    }

    assert pages - NO_PAGES - FRAGMENTS - seen == set()
