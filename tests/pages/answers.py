"""What the fixed cast types into forms."""

from typing import Any

KYC: dict[str, Any] = {
    "first_name": "Pat",
    "last_name": "Sample",
    "date_of_birth": "1985-06-15",
    "ssn": "123-45-6789",
    "phone": "(303) 555-0123",
    "street1": "1 Sample Street",
    "street2": "Unit 4",
    "city": "Denver",
    "state": "CO",
    "postal_code": "80202",
    "employment_status": "EMPLOYED",
    "employer": "Sample Works",
    "industry": "EDUCATION",
    "position": "TEACHER",
    "annual_income": "90000",
    "net_worth": "150000",
    "liquid_net_worth": "40000",
    "investment_experience": "YEARS_1_2",
    "risk_tolerance": "MODERATE",
    "objective": "GROWTH",
    "e_sign": "on",
    "agreements": "on",
}
CHILD: dict[str, Any] = {
    "first_name": "Sunny",
    "last_name": "Sample",
    "date_of_birth": "2019-04-01",
    "ssn": "234-56-7891",
    "governing_state": "CO",
    "agree": "on",
}
BANK: dict[str, Any] = {
    "routing_number": "021000021",
    "account_number": "000123456789",
    "account_number_again": "000123456789",
    "account_type": "CHECKING",
    "nickname": "Household",
    "authorization": "on",
}


def without(answers: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the same answers with one field left empty."""
    return {key: value for key, value in answers.items() if key != name}
