"""What Spinwheel knows of the person behind a phone, from credit files: often in capitals."""

from typing import Any

from prefill.engine.found import Found, rows
from prefill.engine.tidy import tidy_name, tidy_street


def read_profile(payload: dict[str, Any], found: Found) -> None:
    """Find the person in the profile of a verified user."""
    found.offer("personal_info.first_name", tidy_name(payload.get("firstName")))
    found.offer("personal_info.middle_name", tidy_name(payload.get("middleName")))
    found.offer("personal_info.last_name", tidy_name(payload.get("lastName")))
    found.offer("personal_info.email", _lower(payload.get("emailAddress")))
    found.offer("personal_info.phone_number", payload.get("phoneNumber"))
    found.offer_first(
        "personal_info.date_of_birth", [payload.get("dob"), payload.get("dateOfBirth")]
    )
    found.offer("personal_info.ssn_last4", payload.get("ssnLastFourDigits"))
    homes = rows(payload, "addresses")
    homes.sort(key=lambda home: home.get("residencyType") == "PREVIOUS")
    found.offer_addresses([_address(home) for home in homes])


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) and text.isupper() else text


def _address(home: dict[str, Any]) -> dict[str, Any]:
    code, extension = home.get("zip"), home.get("zipExtension")
    if isinstance(code, str) and isinstance(extension, str) and len(extension) == 4:
        code = f"{code}-{extension}"
    return {
        "street1": tidy_street(home.get("addressLine1")),
        "street2": tidy_street(home.get("addressLine2")),
        "city": tidy_street(home.get("city")),
        "region": home.get("state"),
        "postal_code": code,
        "kind": "former" if home.get("residencyType") == "PREVIOUS" else "home",
    }
