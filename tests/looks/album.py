"""Pages as the site answered them, kept by name to be looked at in a browser afterwards."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.test import Client

from tests.pages.reading import read

TYPED = {
    "text", "email", "tel", "number", "date", "password", "textarea", "select", "radio", "file",
}  # fmt: skip
NONSENSE = "?!"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Sight:
    """One answer: which page of the URL conf it is, in which state, and what the browser got."""

    name: str
    page: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Album:
    """What was seen. A page is told by the URL name that answered, never by the caller."""

    sights: dict[str, Sight] = field(default_factory=dict)
    mistaken: set[tuple[str, frozenset[str]]] = field(default_factory=set)

    def get(self, name: str, client: Client, path: str) -> Any:
        return self.keep(name, client.get(path, follow=True))

    def post(self, name: str, client: Client, path: str, /, **answers: Any) -> Any:
        return self.keep(name, client.post(path, answers, follow=True))

    def keep(self, name: str, response: Any) -> Any:
        """Keep an answer that is a page."""
        assert name not in self.sights, f"two sights are called {name}"
        assert response["Content-Type"].startswith("text/html"), name
        match = None if response.status_code == 404 else response.resolver_match
        self.sights[name] = Sight(
            name=name,
            page=(match.view_name or "") if match else "",
            path=response.request["PATH_INFO"],
            status=response.status_code,
            headers=dict(response.items()),
            body=response.content,
        )
        if response.request["REQUEST_METHOD"] == "GET" and response.status_code == HTTPStatus.OK:
            self._make_mistakes(self.sights[name], response)
        return response

    def _make_mistakes(self, sight: Sight, response: Any) -> None:
        """Send each form of a page once with all of it wrong, and keep what comes back.

        Nothing is kept of what was sent: a form that takes even this is passed over.
        """
        if sight.page.startswith("admin:"):
            return
        for form in read(response).forms:
            key = (sight.page, frozenset(form.names))
            typed = {name for name, kind in form.kinds.items() if kind in TYPED}
            if form.method != "post" or not typed or key in self.mistaken:
                continue
            self.mistaken.add(key)
            hidden = {n: v for n, v in form.values.items() if form.kinds[n] == "hidden"}
            answer = response.client.post(form.action, hidden | dict.fromkeys(typed, NONSENSE))
            if b'class="errors"' in answer.content:
                told = f"{sight.name}, all of it wrong ({', '.join(sorted(typed))})"
                self.sights[told] = Sight(
                    name=told,
                    page=sight.page,
                    path=sight.path,
                    status=answer.status_code,
                    headers=dict(answer.items()),
                    body=answer.content,
                )

    @property
    def pages(self) -> set[str]:
        return {sight.page for sight in self.sights.values()}

    def choose_one_each(self) -> list[Sight]:
        """Return one sight of each page: the one with the most on it."""
        fullest: dict[str, Sight] = {}
        for sight in self.sights.values():
            key = sight.page or sight.name
            if key not in fullest or len(sight.body) > len(fullest[key].body):
                fullest[key] = sight
        return list(fullest.values())
