"""Reading a page as a person does: title, headings, text, links and forms."""

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = {"meta", "link", "input", "img", "br", "hr"}
Attributes = dict[str, str | None]


class Reader(HTMLParser):
    """One pass over an HTML text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.title = ""
        self.headings: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "h1":
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title += data
        elif not {"script", "style"} & set(self._open):
            self.text += data
            if "h1" in self._open:
                self.headings[-1] += data

    def find(self, tag: str, **wanted: str) -> list[Attributes]:
        """Elements of this kind that have these attributes; underscores stand for hyphens."""
        return [
            attributes
            for name, attributes in self.elements
            if name == tag
            and all(attributes.get(key.replace("_", "-")) == value for key, value in wanted.items())
        ]

    def by_id(self, element_id: str) -> Attributes:
        found = [attributes for _, attributes in self.elements if attributes.get("id") == element_id]
        assert len(found) == 1, f"{len(found)} elements with the id {element_id}"
        return found[0]

    def links(self) -> list[str]:
        return [str(attributes["href"]) for _, attributes in self.elements if attributes.get("href")]

    def error_of(self, field_id: str) -> bool:
        """Is there a message beside this field, and does the field point to it?"""
        return any(
            attributes.get("id") == field_id
            and f"{field_id}-error" in (attributes.get("aria-describedby") or "")
            for _, attributes in self.elements
        )


class Visitor:
    """A browser without scripts that fills in the CSRF token of the page it looks at."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: object) -> TestResponse:
        response = self.client.get(path, **options)  # type: ignore[arg-type]  # passed on
        response.get_data()
        response.close()  # a static file stays open until somebody says so
        return response

    def read(self, path: str, *, status: int = 200) -> Reader:
        response = self.get(path)
        assert response.status_code == status, f"{path}: {response.status_code} {response.location}"
        return Reader(response.text)

    def post(
        self, path: str, data: dict[str, object] | None = None, *, is_htmx: bool = False
    ) -> TestResponse:
        token = Reader(self.get("/board/").text).find("meta", name="csrf-token")[0]["content"]
        headers = {"HX-Request": "true", "X-CSRFToken": str(token)} if is_htmx else {}
        body = dict(data or {}) if is_htmx else {**(data or {}), "csrf_token": token}
        return self.client.post(path, data=body, headers=headers)


class Program:
    """What calls the API with a person's token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, body: dict[str, object] | None = None) -> TestResponse:
        return self._client.open(f"/api/workspaces/{path}", method=method, json=body, headers=self._headers)

    def read(self, path: str) -> dict[str, Any]:
        answer = self.call("GET", path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return dict(answer.json or {})
