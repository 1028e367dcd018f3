"""Where accounts are opened: states whose law on gifts to minors counsel has confirmed."""

from dataclasses import dataclass
from datetime import date

from localflavor.us.us_states import US_TERRITORIES

from accounts.models import STATES, UtmaRule

# A phone of a territory has its own country code in name (CLDR), though all begin with +1.
TERRITORIES = frozenset(code for code, _name in US_TERRITORIES)


@dataclass(frozen=True)
class Place:
    """A state or territory. `age`: at which a child takes control, where accounts are opened."""

    code: str
    name: str
    is_open: bool
    age: int | None = None


def list_places(*, today: date) -> list[Place]:
    """Return every state and territory by name, by the rule in force on this day."""
    rules: dict[str, UtmaRule] = {}
    for rule in UtmaRule.objects.filter(effective_from__lte=today).order_by("effective_from"):
        rules[rule.state] = rule
    places = [_describe(code, str(name), rules.get(code)) for code, name in STATES.items()]
    return sorted(places, key=lambda place: place.name)


def list_open_places(*, today: date) -> list[Place]:
    """Return where accounts are opened, by name."""
    return [place for place in list_places(today=today) if place.is_open]


def list_homes(*, today: date) -> list[tuple[str, str]]:
    """Return where a custodian may live, for a form: every state, and a territory that is open."""
    places = list_places(today=today)
    return [
        (place.code, place.name)
        for place in places
        if place.is_open or place.code not in TERRITORIES
    ]


def list_phone_regions(*, today: date) -> set[str]:
    """Return whose phone numbers are taken: those of where a custodian may live."""
    return {"US"} | (TERRITORIES & {code for code, _name in list_homes(today=today)})


def _describe(code: str, name: str, rule: UtmaRule | None) -> Place:
    is_open = rule is not None and rule.status == UtmaRule.Status.CONFIRMED
    return Place(code, name, is_open, rule.age if rule and is_open else None)
