"""What a bank knows of an account's owner, at Plaid: dirty, and of joint owners as well."""

from typing import Any

from accounts.names import split_name
from prefill.engine.found import Found, part, rows
from prefill.engine.tidy import tidy_name, tidy_street

Json = dict[str, Any]
LONGEST_NAME = 200
MOST_OWNERS = 20


def read_identity(payload: Json, found: Found) -> None:
    """Find the person in an answer of /identity/get.

    All values are of one owner, the first with a person's name, and of whoever has the same name
    at another account: two people are never mixed.
    """
    owners = [owner for account in rows(payload, "accounts") for owner in rows(account, "owners")]
    named = [(name, owner) for owner in owners if (name := _name_of(owner))]
    if not named:
        if owners:
            found.drop("personal_info.first_name")
        return
    first = named[0][0]
    same = [owner for name, owner in named if _key(name) == _key(first)]
    for path, text in zip(_NAMES, first, strict=True):
        found.offer(path, text)
    found.offer_first("personal_info.email", _data(same, "emails"))
    found.offer_first("personal_info.phone_number", _data(same, "phone_numbers"))
    found.offer_addresses([_address(one) for one in _data(same, "addresses")])


def read_owner_names(payload: Json) -> dict[str, list[str]]:
    """Return all names an answer of /identity/get has for each account's owners, as they are."""
    found: dict[str, list[str]] = {}
    for account in rows(payload, "accounts"):
        told = [owner.get("names") for owner in rows(account, "owners")]
        names = [name for some in told if isinstance(some, list) for name in some]
        texts = [name.strip()[:LONGEST_NAME] for name in names if isinstance(name, str)]
        found[str(account.get("account_id"))] = [text for text in texts if text][:MOST_OWNERS]
    return found


_NAMES = ("personal_info.first_name", "personal_info.middle_name", "personal_info.last_name")


def read_accounts(payload: Json, found: Found) -> None:
    """Find nothing: accounts are rows of their own, and `engine.accounts` reads them."""
    if not isinstance(payload.get("accounts"), list):
        found.drop("accounts")


def _name_of(owner: Json) -> tuple[str, str, str] | None:
    names = owner.get("names")
    for text in names if isinstance(names, list) else []:
        if name := split_name(tidy_name(text)):
            return name
    return None


def _key(name: tuple[str, str, str]) -> tuple[str, str]:
    return name[0].casefold(), name[2].casefold()


def _data(owners: list[Json], name: str) -> list[Any]:
    """Return what the owners' lists hold, primary ones first."""
    found = [row for owner in owners for row in rows(owner, name)]
    found.sort(key=lambda row: row.get("primary") is not True)
    return [row["data"] for row in found if row.get("data")]


def _address(data: Any) -> Json:
    home = part({"data": data}, "data")
    return {
        "street1": tidy_street(home.get("street")), "city": tidy_street(home.get("city")),
        "region": home.get("region"), "postal_code": home.get("postal_code"),
        "country": home.get("country"),
    }  # fmt: skip
