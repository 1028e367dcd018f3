"""Sentences of ours that promise something or send people somewhere, out of templates and code."""

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ROOMS = ("accounts", "brokerage", "core", "gifting", "prefill", "tenants")
SKIPPED = {"migrations", "management", "drivewealth", "plaid", "spinwheel", "vendors"}

# Kept broad: what is no promise after all gets an entry that says so.
PROMISE = re.compile(
    r"""\b(
        we\ (will|write|tell|call|look|answer|let\ you|get\ back|have\ (the|them)|keep|delete|forget
            |send|refund|ask|sell|charge|show|take|never|store|encrypt|may\ call|do\ not)
      | (write|writes|written)\ to\ (us|you) | contact\ us | ask\ us | tell\ us\ (and|when)
      | withdraw | revoke | take\ .{1,30}\ back | under\ (Security|Banks|About|Statements)
      | nothing\ else | nobody\ (sees|else|reads) | never\b
      | (at\ any\ time|whenever\ you\ like|later) | a\ person\ (here|is|looks) | soon\b
      | can\ be\ (canceled|removed|ended|undone) | you\ get\ (an|a)\ e-?mail
    )""",
    re.VERBOSE | re.IGNORECASE,
)
ENDS = re.compile(r"(?<=[.!?])\s+")
TAGS = re.compile(r"<[^>]+>")
TRANSLATED = re.compile(
    r"""\{%\s*translate\s+("(?P<double>[^"]*)"|'(?P<single>[^']*)')"""
    r"""|\{%\s*blocktranslate[^%]*%\}(?P<block>.*?)\{%\s*endblocktranslate\s*%\}""",
    re.DOTALL,
)


def collect() -> dict[str, str]:
    """Return each sentence with a promise in it, and one file where it stands."""
    found: dict[str, str] = {}
    for where, text in [*_templates(), *_strings(), *_documents()]:
        for sentence in ENDS.split(" ".join(text.split())):
            if PROMISE.search(sentence):
                found.setdefault(sentence, where)
    return found


def _templates() -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "templates").rglob("*")):
        if file.suffix not in {".html", ".txt"} or "admin" in file.parts:
            continue
        text = file.read_text(encoding="utf-8")
        where = str(file.relative_to(ROOT))
        for one in TRANSLATED.finditer(text):
            yield where, html.unescape(TAGS.sub("", next(filter(None, one.groups()[1:]), "")))
        if file.suffix == ".txt" and "email" in file.parts:
            yield where, re.sub(r"\{%[^%]*%\}", " ", text)


def _strings() -> Iterator[tuple[str, str]]:
    """Yield what our code says to people: texts to be translated, and refusals."""
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            if SKIPPED.isdisjoint(file.parts):
                tree = ast.parse(file.read_text(encoding="utf-8"))
                docs = set(_docstrings(tree))
                for node in ast.walk(tree):
                    text = node.value if isinstance(node, ast.Constant) else None
                    if isinstance(text, str) and " " in text and id(node) not in docs:
                        yield str(file.relative_to(ROOT)), text


def _docstrings(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield id(first.value)


def _documents() -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "accounts/data/agreements").rglob("*.txt")):
        text = file.read_text(encoding="utf-8")
        for line in text.splitlines():
            yield str(file.relative_to(ROOT)), line.lstrip("#- ")
