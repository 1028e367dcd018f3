"""`manage.py states`: print the state diagrams of `docs/states.md`."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from core.stateful import Stateful

INTRO = """# Statuses and their moves

Made by `manage.py states`; `make check` compares. Each move is held by the code (compare-and-swap)
and by a trigger in PostgreSQL.
"""


class Command(BaseCommand):
    help = "Print a Mermaid diagram for every row with a status."

    def handle(self, *args: Any, **options: Any) -> None:
        parts = [INTRO]
        for model in sorted(apps.get_models(), key=lambda m: m._meta.label):
            if issubclass(model, Stateful):
                parts.append(diagram(model))
        self.stdout.write("\n".join(parts), ending="")


def diagram(model: type[Stateful]) -> str:
    """Return one model's diagram as a Markdown section."""
    start = next(f for f in model._meta.fields if f.name == "status").get_default()
    lines = [f"    [*] --> {start}"]
    for old, ends in model.MOVES.items():
        lines += [f"    {old.value} --> {new.value}" for new in sorted(ends)]
    body = "\n".join(lines)
    return f"## {model._meta.label}\n\n```mermaid\nstateDiagram-v2\n{body}\n```\n"
