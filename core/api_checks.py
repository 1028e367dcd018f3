"""A body's faults, told all at once: those of its fields, and what the operation would refuse."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rest_framework import serializers
from rest_framework.fields import SkipField

from core.errors import DomainError, Invalid
from core.problems import flatten


@contextmanager
def renamed(names: Mapping[str, str]) -> Iterator[None]:
    """Have a refusal name the body's fields: `names` maps ours to theirs."""
    try:
        yield
    except DomainError as refusal:
        refusal.rename_fields(names)
        raise


def check_all(
    data: serializers.Serializer[Any],
    check: Callable[[Mapping[str, Any]], object],
    names: Mapping[str, str] | None = None,
) -> None:
    """Have a body's faults told all at once: of its fields, and what the operation would refuse.

    Of a body without faults of its own nothing is asked: the operation says the rest, at once too.

    :param check: takes what is understood, by our names; raises a refusal that names the fields
    :param names: our names of the fields → the body's
    :raises Invalid: with all of it, by the body's names
    """
    if data.is_valid():
        return
    faults, ours = flatten(data.errors), {theirs: name for name, theirs in (names or {}).items()}
    whole = Invalid("Some fields need another look.", fields=faults)
    good = {ours.get(name, name): value for name, value in list_understood(data).items()}
    try:
        check(good)
    except DomainError as refusal:
        refusal.rename_fields(names or {})
        whole.fields = refusal.fields | faults
        whole.parts = (Invalid(whole.message, fields=faults), *refusal.parts)
    raise whole


def list_understood(data: serializers.Serializer[Any]) -> dict[str, Any]:
    """Return what is good by itself of a body with faults, by its own names."""
    sent, found = data.initial_data, {}
    if not isinstance(sent, Mapping):
        return {}
    for name, field in data.fields.items():
        if field.read_only or name in data.errors:
            continue
        try:
            value = field.run_validation(field.get_value(sent))
            judge = getattr(data, f"validate_{name}", None)
            found[name] = judge(value) if judge else value
        except (serializers.ValidationError, SkipField):
            continue
    return found
