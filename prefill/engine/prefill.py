"""What is known for one applicant's form, as pages and the API give it out."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from prefill.engine.conflicts import Shown
from prefill.engine.coverage import measure
from prefill.engine.fields import PATHS


@dataclass(frozen=True)
class Prefill:
    """The value shown of every known path; a field that nobody knows is not there."""

    values: dict[str, Shown]

    @property
    def coverage(self) -> Decimal:
        """Return how much of the KYC form is filled, of what can be known; 0 to 1."""
        return measure(self.values)

    def value(self, path: str) -> Any:
        """Return the value of a path; None where nobody knows it or the person cleared it."""
        shown = self.values.get(path)
        return shown.value if shown else None

    def as_data(self) -> dict[str, Any]:
        """Return the known values: personal_info, addresses, employment, financial_info."""
        data: dict[str, Any] = {
            "personal_info": {},
            "addresses": self.value("addresses") or [],
            "employment": {},
            "financial_info": {"bank_accounts": [], "credit_accounts": []},
        }
        for path in PATHS:
            section, _dot, name = path.partition(".")
            if name and (value := self.value(path)) is not None:
                data[section][name] = value
        return data

    def provenance(self) -> dict[str, dict[str, Any]]:
        """Return of each known path where it is from, since when, and how sure it is."""
        return {
            path: {
                "source": str(shown.source),
                "obtained_at": shown.obtained_at.isoformat(),
                "confidence": str(shown.confidence),
            }
            for path, shown in self.values.items()
        }
