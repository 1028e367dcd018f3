"""What Plaid's errors mean to us. Its types and codes decide, never the HTTP status.

https://plaid.com/docs/errors/
"""

from typing import Any

import structlog

from core.vendors import Rejected, Unavailable

NEEDS_USER = {
    "ITEM_LOGIN_REQUIRED",
    "ACCESS_NOT_GRANTED",
    "INSUFFICIENT_CREDENTIALS",
    "INVALID_CREDENTIALS",
    "INVALID_MFA",
    "INVALID_UPDATED_USERNAME",
    "ITEM_CONCURRENTLY_DELETED",
    "ITEM_LOCKED",
    "NO_ACCOUNTS",
    "NO_AUTH_ACCOUNTS",
    "PASSWORD_RESET_REQUIRED",
    "USER_INPUT_TIMEOUT",
    "USER_SETUP_REQUIRED",
}
GONE = {"ITEM_NOT_FOUND", "USER_PERMISSION_REVOKED", "INVALID_ACCESS_TOKEN"}
USED_TOKEN = {"INVALID_PUBLIC_TOKEN", "EXPIRED_PUBLIC_TOKEN"}
UNSUPPORTED = {
    "ITEM_NOT_SUPPORTED",
    "MFA_NOT_SUPPORTED",
    "PRODUCTS_NOT_SUPPORTED",
    "INVALID_ACCOUNT_ID",
    "INSTITUTION_NOT_AVAILABLE",
}
MUTATED = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
UNKNOWN_KEY = "INVALID_WEBHOOK_VERIFICATION_KEY_ID"
MEANINGS = {
    **dict.fromkeys(NEEDS_USER, "needs_user"),
    **dict.fromkeys(GONE, "gone"),
    **dict.fromkeys(USED_TOKEN, "used_token"),
    **dict.fromkeys(UNSUPPORTED, "unsupported"),
    "PRODUCT_NOT_READY": "not_ready",
    MUTATED: "mutated",
    UNKNOWN_KEY: "unknown_key",
}
SENTENCES = {
    "needs_user": "The bank wants its customer to sign in again.",
    "gone": "The access to this bank was withdrawn.",
    "used_token": "The public token is used, expired or unknown.",
    "unsupported": "This bank or account does not offer it.",
    "not_ready": "The bank's data are not there yet.",
    "mutated": "The data changed between two pages.",
    "unknown_key": "There is no such key.",
    "redirect_refused": "Plaid does not know where this session leads back to.",
    "misconfigured": "Plaid does not accept how we ask.",
}
# Waiting helps with these; seconds. A bank that is down is so for minutes (its own, not Plaid's).
OUTAGES = {"INSTITUTION_ERROR": 300.0, "API_ERROR": None, "RATE_LIMIT_EXCEEDED": 60.0}
log = structlog.get_logger()


def explain(body: Any, *, status: int, path: str, sent: dict[str, Any]) -> Rejected | Unavailable:
    """Return what to raise for an error body; Plaid's own text stays out of it.

    :param sent: the request's own fields
    """
    fields = body if isinstance(body, dict) else {}
    kind, code = str(fields.get("error_type", ""))[:60], str(fields.get("error_code", ""))[:60]
    if code in MEANINGS:
        return Rejected(SENTENCES[MEANINGS[code]], code=MEANINGS[code], problems=(code,))
    if kind in OUTAGES:
        return Unavailable(f"plaid: {code or kind}", retry_after=OUTAGES[kind], status=status)
    if not kind:
        return Unavailable(f"plaid answered {status} without an error", status=status)
    # Ours to mend: a wrong key, a field Plaid does not know, a product that is not enabled.
    log.error("plaid_misconfigured", path=path, status=status, type=kind, code=code)
    # Plaid does not say which field it is. Of ours this alone depends on its dashboard.
    is_redirect = code == "INVALID_FIELD" and "redirect_uri" in sent
    meaning = "redirect_refused" if is_redirect else "misconfigured"
    return Rejected(SENTENCES[meaning], code=meaning, problems=(code,))
