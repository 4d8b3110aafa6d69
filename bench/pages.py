"""`python -m bench.pages`: how heavy, quick and calm the pages of the demo are in Chromium.

For each page, with nothing cached: bytes over the wire, first contentful paint, and cumulative layout shift.
Then the open table of workspaces with 50 moving rows: what one look costs the server, changed and unchanged.
"""

import statistics
import sys
import urllib.error
import urllib.request

from playwright.sync_api import Page

from bench.installation import Browser as Visitor
from bench.installation import Installation, summary, timed_ms
from sandbox import demo
from tests.browser.test_journey import sign_in
from tests.servers.chromium import open_browser
from tests.servers.stack import Stack
from webapp.domain.actor import Actor
from webapp.services.orders import OrderRequest, order_workspace

PROVIDER_PAGES = [
    "/start/",
    "/workspaces/",
    "/workspaces/new",
    "/workspaces/1/",
    "/workspaces/1/log",
    "/workspaces/1/metrics",
    "/cohorts/",
    "/cohorts/new?job=1",
    "/jobs/",
    "/jobs/1/",
    "/credentials/",
    "/credentials/1/",
    "/credentials/1/bundles/",
    "/credentials/new?cloud=aws",
    "/orphans/",
]
SEEKER_PAGES = ["/desktops/", "/board/", "/board/1/"]
ROWS = 50

WATCH = """
globalThis.shift = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => {
    if (!one.hadRecentInput) globalThis.shift += one.value;
})).observe({ type: "layout-shift", buffered: true });
"""
READ = """() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    shift: globalThis.shift,
})"""


def main(looks: int = 200) -> None:
    with Stack() as stack:
        installation = Installation(stack)
        credential_id, bundle_id = installation.wait_for_bundles(), demo.DEMO_UBUNTU_BUNDLE_ID
        for number, application_id in enumerate(installation.hire(ROWS)):
            order_request = OrderRequest(
                application_id, credential_id, "ubuntu", bundle_id, f"person.{number}"
            )
            order_workspace(
                installation.context,
                order_request,
                company_id=installation.provider.company_id or 0,
                actor=Actor("bench", user_id=installation.provider.id),
            )
        _measure_looks(stack, looks)
        _measure_pages(stack)


def _measure_looks(stack: Stack, looks: int) -> None:
    visitor = Visitor(stack)
    visitor.sign_in()
    whole = [timed_ms(lambda: _look(visitor, known="")) for _ in range(looks)]
    print(summary(f"a look at {ROWS} rows, the whole table, with HTTP", whole))
    known, bodies, times = "", [], []
    for _ in range(looks):
        answer = ("", 0)

        def look(known: str = known) -> None:
            nonlocal answer
            answer = _look(visitor, known=known)

        times.append(timed_ms(look))
        known = answer[0]
        bodies.append(answer[1])
    print(summary(f"a look at {ROWS} rows as an open page asks, with HTTP", times))
    print(f"looks with an empty body: {bodies.count(0)} of {looks}")


def _look(visitor: Visitor, *, known: str) -> tuple[str, int]:
    """The version of the rows and the length of the body; the same version and 0 when nothing changed."""
    headers = {"HX-Request": "true", "If-None-Match": known} if known else {"HX-Request": "true"}
    request = urllib.request.Request(f"{visitor.url}/workspaces/rows", headers=headers)
    try:
        with visitor.opener.open(request, timeout=20) as answer:
            return answer.headers["ETag"], len(answer.read())
    except urllib.error.HTTPError as error:
        assert error.code == 304, error.code
        return known, len(error.read())


def _measure_pages(stack: Stack) -> None:
    with open_browser() as browser:
        for who, paths in (("provider", PROVIDER_PAGES), ("seeker", SEEKER_PAGES)):
            context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 900})
            page = context.new_page()
            sign_in(page, who, stack.demo_password())
            page.add_init_script(WATCH)
            for path in paths:
                _measure(page, path)


def _measure(page: Page, path: str, *, times: int = 3) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    weights: list[float] = []
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    paints, shifts, bytes_each = [], [], []
    for _ in range(times):
        weights.clear()
        page.goto(path, wait_until="load")
        bytes_each.append(sum(weights))
        page.wait_for_timeout(300)
        found = page.evaluate(READ)
        paints.append(found["paint"])
        shifts.append(found["shift"])
    session.detach()
    print(
        f"{path:28} {max(bytes_each) / 1000:6.1f} kB  first paint {statistics.median(paints):5.0f} ms"
        f"  layout shift {max(shifts):.3f}"
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
