"""The agreements and notices as documents: read from files, each edition with a page of its own.

`AGREEMENTS_FOLDER` holds `<slug>/<edition>.txt`: a head of `name: value` lines (`title`, `summary`,
`status`), an empty line, and the text: paragraphs, `## ` headings and `- ` items. The newest
edition is in force; earlier ones stay readable. `docs/agreements.md` says how counsel's texts come
in.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.conf import settings

PLACEHOLDER = "placeholder"

# What a person agrees to by each kind of consent (`accounts.models.Consent.Kind`).
AGREED = {
    "TERMS": ("terms", "privacy"),
    "E_SIGN": ("e-sign",),
    "BROKER": ("broker", "market-data"),
    "UTMA": ("custodial",),
    "TEEN": ("teen",),
    "ACH": ("bank-debits",),
    "BANK_LINK": ("bank-debits",),
}
INSTRUCTIONS, GIVING = "written-instructions", "giving"


@dataclass(frozen=True)
class Block:
    """A part of a text: `kind` is `heading`, `text` or `items`."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """One edition of an agreement. `version` ends in a hash of all of it."""

    slug: str
    edition: str
    version: str
    title: str
    summary: str
    is_placeholder: bool
    body: str
    head: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[Block]:
        """Return the text as a page shows it; what differs from case to case as the head has it."""
        text = self.fill(**{name.replace("-", "_"): value for name, value in self.head.items()})
        parts = [part.strip() for part in re.split(r"\n(?=## )|\n{2,}", text)]
        return [block for part in parts if part for block in _blocks_of(part)]

    def fill(self, **values: str) -> str:
        """Return the text with what differs from case to case put in."""
        text = self.body
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text


def get_document(slug: str) -> Document:
    """Return the edition in force.

    :raises KeyError: no such agreement
    """
    return list_editions(slug)[0]


def list_documents() -> list[Document]:
    """Return what is in force, by title."""
    return sorted((editions[0] for editions in _all().values()), key=lambda one: one.title)


def list_editions(slug: str) -> list[Document]:
    """Return all editions, newest first.

    :raises KeyError: no such agreement
    """
    return list(_all()[slug])


def find_version(slug: str, version: str) -> Document | None:
    """Return an edition by its version, be it in force or not."""
    return next((one for one in _all().get(slug, ()) if one.version == version), None)


def list_agreed(kind: str) -> list[Document]:
    """Return the documents in force that a consent of this kind is about."""
    return [get_document(slug) for slug in AGREED.get(kind, ())]


def name_versions(slugs: Iterable[str]) -> dict[str, str]:
    """Return the version in force of each."""
    return {slug: get_document(slug).version for slug in slugs}


def version_of_kinds(kinds: Iterable[str]) -> str:
    """Return one word for all that is in force for these kinds; it changes with any of them."""
    versions = [document.version for kind in kinds for document in list_agreed(kind)]
    return hashlib.sha256(" ".join(versions).encode()).hexdigest()[:16]


def _all() -> dict[str, tuple[Document, ...]]:
    return _read(Path(settings.AGREEMENTS_FOLDER))


@cache
def _read(folder_of_all: Path) -> dict[str, tuple[Document, ...]]:
    return {
        folder.name: tuple(
            _parse(file) for file in sorted(folder.glob("*.txt"), key=lambda f: f.stem)[::-1]
        )
        for folder in sorted(folder_of_all.iterdir())
        if folder.is_dir()
    }


def _parse(file: Path) -> Document:
    text = file.read_text(encoding="utf-8")
    head, _blank, body = text.partition("\n\n")
    named = dict(line.split(": ", 1) for line in head.splitlines())
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Document(
        slug=file.parent.name,
        edition=file.stem,
        version=f"{file.stem}.{digest}",
        title=named["title"],
        summary=named["summary"],
        is_placeholder=named.get("status") == PLACEHOLDER,
        body=body.strip(),
        head=named,
    )


def _blocks_of(part: str) -> list[Block]:
    lines = part.splitlines()
    blocks = []
    if lines[0].startswith("## "):
        blocks.append(Block("heading", (lines.pop(0).removeprefix("## "),)))
    items = tuple(line.removeprefix("- ") for line in lines if line.startswith("- "))
    told = tuple(line for line in lines if not line.startswith("- "))
    if told:
        blocks.append(Block("text", told))
    if items:
        blocks.append(Block("items", items))
    return blocks
