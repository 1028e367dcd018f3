"""Pages as a person reads them and fills their forms; no knowledge of views or form classes."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
SILENT = {"script", "style", "title", "svg"}


@dataclass
class Form:
    """One form: where it goes, what it would send untouched, and what it lets one pick."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    method: str = "get"

    def pick(self, name: str, text: str) -> str:
        """Return the value of the option that shows `text`."""
        return next(value for shown, value in self.options[name].items() if text in shown)

    def fill(self, **answers: Any) -> dict[str, str]:
        """Return what is sent; False unticks a box. A field the page lacks is an error."""
        unknown = answers.keys() - self.names
        assert not unknown, f"the page has no field {unknown}"
        kept = {k: v for k, v in self.values.items() if k not in answers}
        return kept | {k: str(v) for k, v in answers.items() if v is not False}


@dataclass
class Page:
    """An answer as a person sees it. `errors`: what stands at each field."""

    url: str
    status: int
    html: str
    text: str = ""
    title: str = ""
    forms: list[Form] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)

    def form_to(self, part: str = "") -> Form:
        """Return the form whose address holds this part; the page's own by default."""
        return next(form for form in self.forms if (part or self.url) in form.action)


def read(response: Any) -> Page:
    """Read the answer to a request, after redirects."""
    url = response.request["PATH_INFO"]
    page = Page(url, response.status_code, response.content.decode())
    reader = _Reader(page)
    reader.feed(page.html)
    page.text = " ".join(" ".join(reader.words).split())
    return page


class Browser:
    """A visitor who keeps cookies, follows redirects and sends only what pages offer."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.seen: list[Page] = []

    def open(self, url: str) -> Page:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return self._see(self.client.get(path, follow=True))

    def submit(self, page: Page, to: str = "", **answers: Any) -> Page:
        form = page.form_to(to)
        return self._see(self.client.post(form.action, form.fill(**answers), follow=True))

    def _see(self, response: Any) -> Page:
        page = read(response)
        self.seen.append(page)
        return page


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.words: list[str] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self._pending: list[tuple[str, str]] = []  # options whose text is still being read
        self._label = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append((tag, given))
        self._look_for_inline(tag, given)
        if tag == "form":
            self.page.forms.append(Form(given.get("action") or self.page.url))
            self.page.forms[-1].method = given.get("method", "get").lower()
        elif tag == "a":
            self.page.links.append(given.get("href", ""))
        elif tag in {"label", "option"}:
            self._label = ""
        if self.page.forms and "name" in given and tag in {"input", "select", "textarea", "button"}:
            self._take_field(tag, given)
        if tag == "option":
            self._take_option(given)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"label", "option"}:
            for name, value in self._pending:
                shown = " ".join(self._label.split())
                self.page.forms[-1].options.setdefault(name, {})[shown] = value
            self._pending = []
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _given in self._open]
        if "title" in tags:
            self.page.title += data
        if SILENT.isdisjoint(tags):
            self.words.append(data)
        self._label += data
        for tag, given in self._open:
            if tag == "ul" and "errors" in given.get("class", "").split():
                name = given["id"].removeprefix("id_").removesuffix("_error")
                self.page.errors[name] = (self.page.errors.get(name, "") + data).strip()
        if tags and tags[-1] == "textarea" and "name" in self._open[-1][1]:
            self.page.forms[-1].values[self._open[-1][1]["name"]] = data.removeprefix("\n")

    def _take_field(self, tag: str, given: dict[str, str]) -> None:
        form, name = self.page.forms[-1], given["name"]
        form.names.add(name)
        kind = given.get("type", "text") if tag == "input" else tag
        form.kinds[name] = kind
        if kind in {"radio", "checkbox"}:
            self._pending.append((name, given.get("value", "on")))
            if "checked" in given:
                form.values[name] = given.get("value", "on")
        elif kind not in {"select", "button"}:
            form.values[name] = given.get("value", "")

    def _take_option(self, given: dict[str, str]) -> None:
        name = next(a["name"] for tag, a in reversed(self._open) if tag == "select")
        self._pending.append((name, given.get("value", "")))
        if "selected" in given or name not in self.page.forms[-1].values:
            self.page.forms[-1].values[name] = given.get("value", "")

    def _look_for_inline(self, tag: str, given: dict[str, str]) -> None:
        script = tag == "script" and "src" not in given
        handlers = [name for name in given if name.startswith("on") or name == "style"]
        scripted = given.get("href", "").strip().lower().startswith("javascript:")
        if tag == "style" or script or handlers or scripted:
            self.page.inline.append(f"<{tag} {given}>")
