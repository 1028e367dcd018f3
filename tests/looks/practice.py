"""What whoever tries the product out sees: the practice vendors' desk, and what it cannot do."""

import requests

from tests.looks.album import Album, Sight
from tests.stage import Stage

PAGES = {
    "the practice desk": ("GET", "/_sandbox/", {}),
    "the practice desk's mail": ("GET", "/_sandbox/outbox/", {}),
    "the practice desk, a mail that is gone": ("GET", "/_sandbox/outbox/none/", {}),
    "the practice desk, wrong input": ("POST", "/_sandbox/habits", {"perOrder": "much"}),
}
KEPT = ("Content-Type", "Content-Security-Policy")


def try_it_out(album: Album, stage: Stage) -> None:
    """See the desk with all that the cast has left on it."""
    for name, (method, path, typed) in PAGES.items():
        answer = requests.request(
            method,
            f"{stage.box.url}{path}",
            data=typed or None,
            headers={"Accept": "text/html"},
            timeout=10,
        )
        assert answer.headers["Content-Type"].startswith("text/html"), name
        album.sights[name] = Sight(
            name=name,
            page=f"practice:{path}",
            path=path,
            status=answer.status_code,
            headers={name: answer.headers[name] for name in KEPT},
            body=answer.content,
        )
