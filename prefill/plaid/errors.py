"""What Plaid's errors mean to us. Its types and codes decide, never the HTTP status.

https://plaid.com/docs/errors/. A code we do not know is read by its type: ours to mend where the
request is at fault, waited out otherwise, and told to operators.
"""

from typing import Any

import structlog

from core.vendors import Rejected, Unavailable, tell_unknown

NEEDS_USER = {
    "ITEM_LOGIN_REQUIRED",
    "ACCESS_NOT_GRANTED",
    "ADDITIONAL_CONSENT_REQUIRED",
    "INSUFFICIENT_CREDENTIALS",
    "INVALID_CREDENTIALS",
    "INVALID_MFA",
    "INVALID_OTP",
    "INVALID_SEND_METHOD",
    "INVALID_UPDATED_USERNAME",
    "ITEM_LOCKED",
    "NO_ACCOUNTS",
    "NO_AUTH_ACCOUNTS",
    "PASSWORD_RESET_REQUIRED",
    "USER_INPUT_TIMEOUT",
    "USER_SETUP_REQUIRED",
}
GONE = {
    "ITEM_NOT_FOUND",
    "ITEM_CONCURRENTLY_DELETED",
    "USER_PERMISSION_REVOKED",
    "INVALID_ACCESS_TOKEN",
    "INSTITUTION_NO_LONGER_SUPPORTED",
}
USED_TOKEN = {"INVALID_PUBLIC_TOKEN", "EXPIRED_PUBLIC_TOKEN"}
UNSUPPORTED = {
    "ITEM_NOT_SUPPORTED",
    "MFA_NOT_SUPPORTED",
    "PRODUCTS_NOT_SUPPORTED",
    "INVALID_ACCOUNT_ID",
    "INSTITUTION_NOT_AVAILABLE",
    "INSTANT_MATCH_FAILED",
    "MANUAL_VERIFICATION_REQUIRED",
    "NO_INVESTMENT_ACCOUNTS",
    "NO_INVESTMENT_AUTH_ACCOUNTS",
    "NO_LIABILITY_ACCOUNTS",
}
# Of a type that is waited out, and waiting does not help: something is to be ordered or enabled.
OURS = {
    "CREDITS_EXHAUSTED",
    "TRIAL_CONNECTION_LIMIT",
    "PRODUCT_NOT_ENABLED",
    "INVALID_PHONE_NUMBER",
    "INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT",
    "INSTITUTION_REGISTRATION_REQUIRED",
    "UNAUTHORIZED_INSTITUTION",
}
MUTATED = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
UNKNOWN_KEY = "INVALID_WEBHOOK_VERIFICATION_KEY_ID"
BAD_IDENTITY = "INVALID_USER_IDENTITY_DATA"
MEANINGS = {
    **dict.fromkeys(NEEDS_USER, "needs_user"),
    **dict.fromkeys(GONE, "gone"),
    **dict.fromkeys(USED_TOKEN, "used_token"),
    **dict.fromkeys(UNSUPPORTED, "unsupported"),
    "PRODUCT_NOT_READY": "not_ready",
    MUTATED: "mutated",
    UNKNOWN_KEY: "unknown_key",
    BAD_IDENTITY: "bad_identity",
}
SENTENCES = {
    "needs_user": "The bank wants its customer to sign in again.",
    "gone": "The access to this bank was withdrawn.",
    "used_token": "The public token is used, expired or unknown.",
    "unsupported": "This bank or account does not offer it.",
    "not_ready": "The bank's data are not there yet.",
    "mutated": "The data changed between two pages.",
    "unknown_key": "There is no such key.",
    "bad_identity": "Plaid does not take what we told of the person.",
    "redirect_refused": "Plaid does not know where this session leads back to.",
    "misconfigured": "Plaid does not accept how we ask.",
}
# Waiting helps with these; seconds. A bank that is down is so for minutes (its own, not Plaid's).
OUTAGES = {"INSTITUTION_ERROR": 300.0, "API_ERROR": None, "RATE_LIMIT_EXCEEDED": 60.0}
# The request is at fault: a wrong key, a field Plaid does not know, a product that is not enabled.
REQUESTS = {
    "INVALID_REQUEST", "INVALID_INPUT", "INVALID_RESULT", "SANDBOX_ERROR", "RECAPTCHA_ERROR",
    "OAUTH_ERROR", "MICRODEPOSITS_ERROR", "USER_ERROR", "ASSET_REPORT_ERROR", "PAYMENT_ERROR",
    "TRANSACTION_ERROR", "TRANSACTIONS_ERROR", "TRANSFER_ERROR", "SIGNAL_ERROR",
    "INCOME_VERIFICATION_ERROR", "PARTNER_ERROR", "CHECK_REPORT_ERROR", "CONSUMER_REPORT_ERROR",
    "BANK_TRANSFER_ERROR",
}  # fmt: skip
UNKNOWN_WAITS = 3600.0  # seconds, while somebody reads what Plaid means
log = structlog.get_logger()


def explain(body: Any, *, status: int, path: str, sent: dict[str, Any]) -> Rejected | Unavailable:
    """Return what to raise for an error body; Plaid's own text stays out of it.

    :param sent: the request's own fields
    """
    fields = body if isinstance(body, dict) else {}
    kind, code = str(fields.get("error_type", ""))[:60], str(fields.get("error_code", ""))[:60]
    if code in MEANINGS:
        return Rejected(SENTENCES[MEANINGS[code]], code=MEANINGS[code], problems=(code,))
    if not kind:
        return Unavailable(f"plaid answered {status} without an error", status=status)
    if code not in OURS and kind in OUTAGES:
        return Unavailable(f"plaid: {code or kind}", retry_after=OUTAGES[kind], status=status)
    if code not in OURS and kind not in REQUESTS:
        tell_unknown("plaid", code or kind, path=path, status=status, type=kind)
        return Unavailable(f"plaid: {code or kind}", retry_after=UNKNOWN_WAITS, status=status)
    log.error("plaid_misconfigured", path=path, status=status, type=kind, code=code)
    # Plaid does not say which field it is. Of ours this alone depends on its dashboard.
    is_redirect = code == "INVALID_FIELD" and "redirect_uri" in sent
    meaning = "redirect_refused" if is_redirect else "misconfigured"
    return Rejected(SENTENCES[meaning], code=meaning, problems=(code,))


def read_item_trouble(answer: dict[str, Any], *, path: str) -> Rejected | None:
    """Return what to raise for the error an Item carries inside an answer that is good otherwise.

    Only what ends the access, or what its owner must do, is acted on: the rest passes by itself,
    and what the answer tells is true until then.
    """
    item = answer.get("item")
    error = item.get("error") if isinstance(item, dict) else None
    if not isinstance(error, dict):
        return None
    code, kind = str(error.get("error_code", ""))[:60], str(error.get("error_type", ""))[:60]
    meaning = MEANINGS.get(code)
    if meaning in {"needs_user", "gone"}:
        return Rejected(SENTENCES[meaning], code=meaning, problems=(code,))
    if meaning is None and code not in OURS and kind not in OUTAGES:
        tell_unknown("plaid", code or kind, path=path, status=200, type=kind)
    return None
