"""A browser that is shown kept answers, and what it finds wrong with them.

Nothing is served: each request of the browser is answered from the album or from the static files,
so that looking at a hundred pages takes no server and no second request of the site.
"""

import json
import mimetypes
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Route

from tests.looks.album import Sight

ORIGIN = "https://stocksprout.example"
STATIC = "/static/"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK, NARROW = 390, 1280, 320
READY = "document.fonts.ready.then(() => undefined)"
# Elements that stand out of the window, or of a box that cuts them off without a scroll bar.
WIDER = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return [];
  const edge = document.documentElement.clientWidth;
  return [...document.body.querySelectorAll('*')]
    .filter(one => one.getBoundingClientRect().right > edge + 0.5)
    .map(one => one.tagName.toLowerCase() + '.' + (one.getAttribute('class') || ''))
    .slice(-4).concat([`${wide}px too wide`]);
}"""
# Words of up to nine letters that no longer fit into their column: broken, a few letters on a line.
BROKEN = """() => {
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const box = node.parentElement;
    if (!node.data.trim() || box.closest('svg, textarea, select, pre, code, .secret')) continue;
    if (box.closest('.visually-hidden, .skip') || !box.getClientRects().length) continue;
    for (const word of node.data.matchAll(/(?<!\\S)[\\p{L}\\p{N}’']{2,9}(?=[,.;:!?]?(?!\\S))/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const tops = new Set([...range.getClientRects()].map(one => Math.round(one.top)));
      if (tops.size > 1) bad.push(word[0]);
    }
  }
  return bad.slice(0, 5);
}"""


class Eyes:
    """One window. `look` opens a sight; what each question finds is told as lines of text."""

    def __init__(self, browser: Browser) -> None:
        self._sight: Sight | None = None
        self.complaints: list[str] = []
        context = browser.new_context(reduced_motion="reduce")
        context.route("**/*", self._answer)
        self.page: Page = context.new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def look(self, sight: Sight, *, width: int = PHONE, scheme: str = "light") -> None:
        self._sight, self.complaints = sight, []
        self.see_at(width=width, scheme=scheme)
        self.page.goto(ORIGIN + sight.path)
        self.page.evaluate(READY)

    def see_at(self, *, width: int, scheme: str = "light", zoom: int = 100) -> None:
        """Look at the same page in another window, another light or with larger text."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        size = "" if zoom == 100 else f"calc({zoom} * 1.125%)"  # of what base.css sets
        self.page.evaluate(f"document.documentElement.style.fontSize = '{size}'")

    def ask_axe(
        self, *, only: list[str] | None = None, ignore: list[str] | None = None
    ) -> list[str]:
        """Return what axe-core finds against its rules, rule by rule with the elements."""
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE_SCRIPT)
        run: dict[str, Any] = {"type": "rule", "values": only} if only else {
            "type": "tag", "values": RULES,
        }  # fmt: skip
        rules = {rule: {"enabled": False} for rule in ignore or []}
        options = json.dumps({"resultTypes": ["violations"], "runOnly": run, "rules": rules})
        found = self.page.evaluate(f"axe.run({options})")
        return [
            f"{one['id']}: {node['target']} {node['html'][:120]}"
            for one in found["violations"]
            for node in one["nodes"][:4]
        ]

    def find_wider(self) -> list[str]:
        """Return the elements that make one scroll sideways, and by how much."""
        return list(self.page.evaluate(WIDER))

    def find_broken(self) -> list[str]:
        """Return words of ordinary length that are broken over lines; e-mail addresses may be."""
        return list(self.page.evaluate(BROKEN))

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).partition("?")[0]
        if path.startswith(STATIC):
            content, kind = _read_static(path.removeprefix(STATIC))
            route.fulfill(body=content, content_type=kind)
        elif self._sight and route.request.is_navigation_request():
            sight = self._sight
            route.fulfill(status=200, headers=sight.headers, body=sight.body)
        else:
            route.abort()

    def _listen(self, message: Any) -> None:
        if message.type == "error" and "ERR_FAILED" not in message.text:
            self.complaints.append(message.text)


@cache
def _read_static(name: str) -> tuple[bytes, str]:
    found = finders.find(name)
    assert isinstance(found, str), f"no static file {name}"
    return Path(found).read_bytes(), mimetypes.guess_type(name)[0] or "application/octet-stream"


@dataclass
class Found:
    """What was found wrong, under the sight and the question it answers."""

    lines: dict[str, list[str]] = field(default_factory=dict)

    def add(self, sight: Sight, question: str, lines: list[str]) -> None:
        if lines:
            self.lines[f"{sight.name} ({question})"] = list(lines)

    def tell(self) -> str:
        told = (f"{head}\n    " + "\n    ".join(lines) for head, lines in self.lines.items())
        return "\n".join(told)
