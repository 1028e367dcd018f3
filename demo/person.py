"""Somebody at a browser without JavaScript: opens pages, fills forms, reads mail."""

import email
import re
from email import policy
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import requests

from demo.processes import Broken

CHOICES = ("checkbox", "radio")


class Fields(HTMLParser):
    """What the forms of a page hold already, and what they offer to choose from."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.options: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "input" and name:
            if found.get("type") == "radio":
                self.options.setdefault(name, []).append(value)
            if found.get("type") == "hidden" or (value and found.get("type") not in CHOICES):
                self.values.setdefault(name, value)
        if tag == "select":
            self._select = name
        if tag == "option" and value:
            self.options.setdefault(self._select, []).append(value)
            if "selected" in found:
                self.values.setdefault(self._select, value)


class Person:
    """One person with cookies of their own."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.session = requests.Session()
        self.session.trust_env = False

    def open(self, path: str) -> str:
        """Open a page and return its HTML.

        :raises Broken: the site does not answer 200
        """
        page = self.session.get(self._address(path), timeout=30)
        if page.status_code != 200:
            raise Broken(f"{path} answered {page.status_code}.")
        return page.text

    def submit(self, path: str, action: str = "", **values: Any) -> requests.Response:
        """Fill the form of a page and send it; what it holds already goes along.

        :raises Broken: the form came back with errors
        """
        data = self.held(path) | {
            name: value if isinstance(value, list) else str(value) for name, value in values.items()
        }
        target = self._address(action or path)
        answer = self.session.post(target, data=data, headers={"Referer": target}, timeout=60)
        if not answer.ok:
            raise Broken(
                f"{action or path} answered {answer.status_code}: {errors_in(answer.text)}"
            )
        return answer

    def held(self, path: str) -> dict[str, Any]:
        """Return what the forms of a page hold before anybody typed."""
        fields = Fields()
        fields.feed(self.open(path))
        return fields.values

    def choices(self, path: str, name: str) -> list[str]:
        """Return what a radio group or list of a page offers."""
        fields = Fields()
        fields.feed(self.open(path))
        return fields.options.get(name, [])

    def ask(self, path: str) -> Any:
        """Ask the API."""
        answer = self.session.get(self._address(path), timeout=30)
        if not answer.ok:
            raise Broken(f"{path} answered {answer.status_code}: {answer.text[:300]}")
        return answer.json()

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else self.site + path


def errors_in(page: str) -> str:
    """Return the sentences a page shows as errors."""
    found = re.findall(r'class="[^"]*error[^"]*"[^>]*>(.*?)<', page, re.DOTALL)
    texts = [unescape(text).strip() for text in found]
    return " / ".join(text for text in texts if text)[:500]


class Mailbox:
    """The mail the site has sent, as files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def to(self, address: str) -> list[str]:
        """Return the texts sent to an address, oldest first."""
        texts = []
        for file in sorted(self.folder.glob("*.log"), key=lambda file: file.stat().st_mtime):
            for part in file.read_bytes().split(b"-" * 79 + b"\n"):
                message = email.message_from_bytes(part, policy=policy.default)
                if address in str(message.get("To", "")):
                    texts.append(str(message.get_content()))
        return texts

    def link(self, address: str, pattern: str) -> str:
        """Return the newest link sent to an address that matches, or nothing."""
        for text in reversed(self.to(address)):
            if found := re.search(rf"https?://\S*{pattern}\S*", text):
                return found[0]
        return ""
