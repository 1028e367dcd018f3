"""The machine words Spinwheel refuses with, per call.

Sources: the vendor's own prompt for building on Connect by SMS (docs.spinwheel.io,
docs/connect-ai-ui, 2026), which lists them for both calls; its reference of the verify call, whose
names are the messages here. HTTP statuses are not documented; they are ours.
"""

from __future__ import annotations

CONNECT = {
    "INVALID_NUMBER": (400, "The number is not valid."),
    "UNSUPPORTED_COUNTRY_CODE": (400, "The number's region is not supported."),
    "MAX_ATTEMPTS_REACHED": (400, "Too Many Attempts"),
    "TOO_MANY_VERIFICATIONS": (400, "Too many verifications; the number is off for 24 hours."),
}
VERIFY = {
    "EXPIRED": (400, "Expired Code"),
    "INCORRECT": (400, "Incorrect Code"),
    "FAILED_ELIGIBILITY": (400, "Ineligible User"),
    "FAILED_IDENTIFICATION": (400, "Identification Failed"),
    "FAILED_IDENTIFICATION_INFO_MISMATCH": (400, "Identification Failed - Information Mismatch"),
    "MAX_ATTEMPTS_REACHED": (400, "Too Many Attempts"),
    "TOO_MANY_REQUESTS": (429, "Too many codes were tried in a short time."),
}
# Seen before those were published, in older pages and in what others have written; an operator can
# still have them said.
OLDER = {
    "UNSUPPORTED_NUMBER": (400, "The number is not a mobile number that is supported."),
    "INCORRECT_CODE": (400, "Incorrect Code"),
    "EXPIRED_CODE": (400, "Expired Code"),
    "INELIGIBLE_USER": (400, "Ineligible User"),
    "IDENTIFICATION_FAILED": (400, "Identification Failed"),
    "INFORMATION_MISMATCH": (400, "Identification Failed - Information Mismatch"),
    "TOO_MANY_ATTEMPTS": (400, "Too Many Attempts"),
}
