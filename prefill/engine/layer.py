"""What Plaid Layer shared: an identity the person has looked through."""

from typing import Any

from prefill.engine.found import Found, part


def read_layer(payload: dict[str, Any], found: Found) -> None:
    """Find the person in an answer of /user_account/session/get."""
    person = part(payload, "identity")
    name, home = part(person, "name"), part(person, "address")
    found.offer("personal_info.first_name", name.get("first_name"))
    found.offer("personal_info.last_name", name.get("last_name"))
    found.offer("personal_info.email", person.get("email"))
    found.offer("personal_info.phone_number", person.get("phone_number"))
    found.offer("personal_info.date_of_birth", person.get("date_of_birth"))
    found.offer("personal_info.ssn_last4", person.get("ssn_last_4"))
    if any(home.values()):
        found.offer_addresses([{
            "street1": home.get("street"), "street2": home.get("street2"),
            "city": home.get("city"), "region": home.get("region"),
            "postal_code": home.get("postal_code"), "country": home.get("country"),
        }])  # fmt: skip
