"""Pages as the site answered them, kept by name to be looked at in a browser afterwards."""

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

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
        return response

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
