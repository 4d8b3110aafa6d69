"""The mailbox in a browser: a list, and each mail as text and as HTML.

A mail is foreign: its HTML is shown in a frame without scripts, forms and an origin, and may load nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from sandbox.errors import ControlError
from sandbox.mail.mailbox import Arrived, Mailbox
from sandbox.mail.windows import PART, Cloud, window
from sandbox.wire import HttpRequest, Plan, Reply, json_reply

_LOCAL = ("127.0.0.1", "localhost")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_NOTHING = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_OF_PAGE = f"{_NOTHING}; frame-src 'self'; frame-ancestors 'none'"
_FRAME = "allow-popups allow-popups-to-escape-sandbox"
"""A link may open a tab, which is an ordinary one; nothing else is allowed."""
_OF_MAIL = f"{_NOTHING}; sandbox {_FRAME}; frame-ancestors 'self'"
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_PATH = re.compile(r"/(?:(?P<number>[0-9]{1,9})(?P<part>/html)?)?")
_STYLE = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5 }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; overflow-wrap: anywhere }
.banner { padding: .6rem 1rem; border: 1px solid; border-radius: .5rem }
ul { list-style: none; padding: 0 } li { border-bottom: 1px solid #8886; padding: .7rem 0 }
li a { font-weight: 600 } small { display: block }
pre { white-space: pre-wrap; border: 1px solid #8886; border-radius: .5rem; padding: 1rem; font: inherit }
iframe { width: 100%; height: 40rem; border: 1px solid #8886; border-radius: .5rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem } dd { margin: 0 }
"""


class MailboxSite:
    """What `LoopbackServer` serves."""

    def __init__(self, mailbox: Mailbox, clouds: Mapping[str, Cloud] | None = None) -> None:
        self._mailbox, self._clouds = mailbox, clouds or {}

    def receive(self, request: HttpRequest) -> Plan:
        return Plan(reply=self._reply(request), operation=request.target)

    def perform(self, plan: Plan) -> Reply:
        return plan.reply or _not_found()

    def control(self, *, method: str, target: str, body: object) -> dict[str, int]:
        if (method, target) != ("GET", "health"):
            raise ControlError(f"no such control: {method} {target}")
        return {"mails": len(self._mailbox.mails())}

    def name_of(self, plan: Plan) -> str:
        return plan.operation

    def _reply(self, request: HttpRequest) -> Reply:
        host = request.headers.get("host", "").rsplit(":", 1)[0]
        if host not in _LOCAL:  # a page of a stranger whose name leads here must not read links
            return json_reply(403, {"error": "the mailbox is for loopback names only"})
        if request.method == "GET" and request.target.startswith(PART):
            shown = window(self._clouds, request.target)
            return _page(*shown) if shown else _not_found()
        found = _PATH.fullmatch(request.target)
        if request.method not in ("GET", "HEAD") or found is None:
            return _not_found()
        if found["number"] is None:
            return _page("Mailbox", _list(self._mailbox.mails()))
        mail = self._mailbox.find(int(found["number"]))
        if mail is None:
            return _not_found()
        return _html_of(mail) if found["part"] else _page(mail.header("Subject"), _mail(mail))


def _list(mails: list[Arrived]) -> str:
    lines = "".join(
        f'<li><a href="/{one.number}">{html.escape(one.header("Subject") or "(no subject)")}</a>'
        f"<small>to {html.escape(', '.join(one.recipients))} · {one.at:%H:%M:%S} UTC</small></li>"
        for one in reversed(mails)
    )
    return f"<ul>{lines}</ul>" if lines else "<p>No mail has arrived yet. Reload this page later.</p>"


def _mail(mail: Arrived) -> str:
    names = ("From", "To", "Date", "Message-ID")
    headers = "".join(f"<dt>{name}</dt><dd>{html.escape(mail.header(name))}</dd>" for name in names)
    frame = f'<iframe src="/{mail.number}/html" title="The mail as HTML" sandbox="{_FRAME}"></iframe>'
    return (
        f'<p><a href="/">All mails</a></p><dl>{headers}</dl>'
        f"<h2>As HTML</h2>{frame}<h2>As text</h2><pre>{_linked(mail.text('plain'))}</pre>"
    )


def _linked(text: str) -> str:
    parts, end = [], 0
    for link in _LINK.finditer(text):
        address = html.escape(link[0])
        parts.append(html.escape(text[end : link.start()]))
        parts.append(f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>')
        end = link.end()
    return "".join(parts) + html.escape(text[end:])


def _html_of(mail: Arrived) -> Reply:
    """The mail's own page, whose links open in a tab of their own."""
    page = mail.text("html").replace("<a ", '<a target="_blank" rel="noopener noreferrer" ')
    return _reply(page, _OF_MAIL)


def _page(title: str, body: str) -> Reply:
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    return _reply(
        f'<!doctype html><html lang="en"><head>{head}<title>{html.escape(title)} · Demo mailbox</title>'
        f"<style>{_STYLE}</style></head><body>"
        '<p class="banner"><strong>Demo mailbox.</strong> Every mail of this demo arrives here, to whomever '
        "it is addressed; none leaves this machine.</p>"
        f"<main><h1>{html.escape(title)}</h1>{body}</main></body></html>",
        _OF_PAGE,
    )


def _reply(page: str, policy: str, status: int = 200) -> Reply:
    headers = _HEADERS | {"Content-Security-Policy": policy}
    return Reply(status, page.encode(), "text/html; charset=utf-8", headers)


def _not_found() -> Reply:
    return _reply("<!doctype html><title>Not found</title><p>There is no such page.", _OF_PAGE, 404)
