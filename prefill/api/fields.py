"""The fields of a form, as the published schema tells them."""

from typing import Any

TEXT: dict[str, Any] = {"type": "string", "nullable": True}
DOLLARS = {"type": "string", "nullable": True, "example": "85000.00"}
ADDRESS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "street1": {"type": "string"},
        "street2": {"type": "string"},
        "city": {"type": "string"},
        "region": {"type": "string", "description": "A state's two letters"},
        "postal_code": {"type": "string"},
        "country": {"type": "string", "enum": ["US"]},
        "kind": {"type": "string", "enum": ["home", "former", "mailing", "other"]},
    },
    "required": ["street1", "city", "region", "postal_code"],
}
METADATA: dict[str, Any] = {
    "type": "object",
    "description": "Your own; up to 50 names. No personal data: this is not encrypted.",
    "maxProperties": 50,
    "additionalProperties": {
        "anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}],
        "nullable": True,
    },
}
CHANGES: dict[str, Any] = {
    "type": "object",
    "description": "What the person says instead, by path. null clears a field.",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "personal_info.first_name": TEXT,
        "personal_info.middle_name": TEXT,
        "personal_info.last_name": TEXT,
        "personal_info.email": TEXT,
        "personal_info.phone_number": TEXT | {"description": "E.164"},
        "personal_info.date_of_birth": TEXT | {"format": "date"},
        "personal_info.ssn_last4": TEXT | {"pattern": "^[0-9]{4}$"},
        "addresses": {
            "type": "array", "nullable": True, "maxItems": 10, "items": ADDRESS,
            "description": "The whole list, where they live first",
        },
        "employment.employer_name": TEXT,
        "employment.income": DOLLARS,
        "employment.employment_type": TEXT,
        "financial_info.total_assets": DOLLARS,
        "financial_info.total_liabilities": DOLLARS,
    },
}  # fmt: skip
