"""Every mail in a browser: axe finds nothing, light or dark; a phone shows all of it; nothing is fetched."""

import pytest
from playwright.sync_api import Browser

from tests.browser.test_accessibility import EVERY_RULE, LOOKS, axe
from tests.mail.test_texts import SETTINGS, body, mail_of, read
from webapp.domain.mails import KINDS
from webapp.engine.mail_texts import compose

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwen" * 2
NOT_OF_A_MAIL = {"rules": {name: {"enabled": False} for name in ("region", "landmark-one-main")}}
"""A mail program puts it into a page of its own."""


def test_every_mail_can_be_read_everywhere(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    found: dict[str, list[object]] = {}
    for kind in KINDS.values():
        page.set_content(body(read(compose(mail_of(kind, LONG), kind, SETTINGS)), "html"))
        page.evaluate(axe())
        for scheme, size, _ in LOOKS:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
            page.set_viewport_size(size)  # type: ignore[arg-type]
            said = page.evaluate(
                """async (options) => {
                    const { violations } = await axe.run(document, options);
                    const said = violations.map((one) => one.id + " " + one.nodes[0].html);
                    const wide = document.documentElement.scrollWidth - innerWidth;
                    return wide > 0 ? [...said, `${wide} px too wide`] : said;
                }""",
                EVERY_RULE | NOT_OF_A_MAIL,
            )
            if said:
                found[f"{kind.name} {scheme} {size['width']}"] = said
    context.close()

    assert found == {}
    assert requests == []
