"""Applicants, their phone sessions, their banks at Plaid, and what is known for their forms."""

from prefill.models.applicants import Applicant, ApplicantConsent, ResumeLink, Rung
from prefill.models.events import PlaidEvent
from prefill.models.items import DEBITED, PlaidAccount, PlaidItem, PlaidTransaction
from prefill.models.links import LinkSession
from prefill.models.phones import PhoneSession
from prefill.models.values import FieldTally, FieldValue, HeldSsn, RawImport, Source

__all__ = [
    "DEBITED",
    "Applicant",
    "ApplicantConsent",
    "FieldTally",
    "FieldValue",
    "HeldSsn",
    "LinkSession",
    "PhoneSession",
    "PlaidAccount",
    "PlaidEvent",
    "PlaidItem",
    "PlaidTransaction",
    "RawImport",
    "ResumeLink",
    "Rung",
    "Source",
]
