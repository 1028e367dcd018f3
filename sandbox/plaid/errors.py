"""Plaid's refusals: a type, a code, a sentence for developers and perhaps one for the person."""

from __future__ import annotations

import secrets
import string
from typing import Any

from sandbox.plaid.words import ERRORS, TYPE_OF

# code: type, HTTP status, text for developers. Of every other code of `words`: its type, 400.
CODES = {
    "INVALID_API_KEYS": ("INVALID_INPUT", 400, "invalid client_id or secret provided"),
    "INVALID_BODY": ("INVALID_REQUEST", 400, "body could not be parsed as JSON"),
    "MISSING_FIELDS": ("INVALID_REQUEST", 400, "the following required fields are missing"),
    "INVALID_FIELD": ("INVALID_REQUEST", 400, "a field has a value that is not allowed"),
    "NOT_FOUND": ("INVALID_REQUEST", 404, "the requested resource was not found"),
    "INVALID_ACCESS_TOKEN": ("INVALID_INPUT", 400, "could not find matching access token"),
    "INVALID_PUBLIC_TOKEN": ("INVALID_INPUT", 400, "could not find matching public token"),
    "INVALID_LINK_TOKEN": ("INVALID_INPUT", 400, "link token is invalid, expired or used"),
    "INVALID_ACCOUNT_ID": ("INVALID_INPUT", 400, "the account is not one of this Item"),
    "INVALID_INSTITUTION": ("INVALID_INPUT", 400, "invalid institution_id provided"),
    "INVALID_PRODUCT": ("INVALID_INPUT", 400, "the product is not available to this client"),
    "INVALID_WEBHOOK_VERIFICATION_KEY_ID": ("INVALID_INPUT", 400, "no such key_id"),
    "PRODUCTS_NOT_SUPPORTED": ("ITEM_ERROR", 400, "the Item does not support this product"),
    "PRODUCT_NOT_READY": ("ITEM_ERROR", 400, "the requested product is not yet ready"),
    "ITEM_LOGIN_REQUIRED": ("ITEM_ERROR", 400, "the login details of this Item have changed"),
    "ITEM_NOT_FOUND": ("ITEM_ERROR", 400, "the Item you requested cannot be found"),
    "ITEM_LOCKED": ("ITEM_ERROR", 400, "the account is locked at the institution"),
    "ITEM_NOT_SUPPORTED": ("ITEM_ERROR", 400, "the account is not supported"),
    "MFA_NOT_SUPPORTED": ("ITEM_ERROR", 400, "the second step of this login is not supported"),
    "ACCESS_NOT_GRANTED": ("ITEM_ERROR", 400, "the person did not grant the access"),
    "USER_PERMISSION_REVOKED": ("INVALID_INPUT", 400, "the person revoked the access"),
    "NO_ACCOUNTS": ("ITEM_ERROR", 400, "no valid accounts were found for this Item"),
    "NO_AUTH_ACCOUNTS": ("ITEM_ERROR", 400, "no account of this Item can be debited"),
    "INVALID_CREDENTIALS": ("ITEM_ERROR", 400, "the provided credentials were not correct"),
    "INVALID_OTP": ("ITEM_ERROR", 400, "the one-time code is not right"),
    "PROFILE_AUTHENTICATION_FAILED": ("INVALID_INPUT", 400, "too many wrong one-time codes"),
    "INCORRECT_LINK_TOKEN": ("OAUTH_ERROR", 400, "link token does not match original link token"),
    "OAUTH_STATE_ID_ALREADY_PROCESSED": ("OAUTH_ERROR", 400, "the state was processed already"),
    "OAUTH_STATE_ID_NOT_FOUND": ("OAUTH_ERROR", 400, "the oauth_state_id was not found"),
    "INVALID_USER_IDENTITY_DATA": ("USER_ERROR", 403, "a field of the user is malformed"),
    "INVALID_PHONE_NUMBER": ("ITEM_ERROR", 400, "the phone number is not valid"),
    "INSTITUTION_DOWN": ("INSTITUTION_ERROR", 400, "this institution is not responding"),
    "INSTITUTION_NOT_RESPONDING": ("INSTITUTION_ERROR", 400, "this institution does not answer"),
    "RATE_LIMIT": ("RATE_LIMIT_EXCEEDED", 429, "rate limit exceeded, try again later"),
    "ACCOUNTS_LIMIT": ("RATE_LIMIT_EXCEEDED", 429, "rate limit exceeded for accounts/get"),
    "INTERNAL_SERVER_ERROR": ("API_ERROR", 500, "an unexpected error occurred"),
    "PLANNED_MAINTENANCE": ("API_ERROR", 503, "Plaid's systems are in maintenance"),
    "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION": (
        "TRANSACTIONS_ERROR",
        400,
        "the data changed between two pages; begin at the first cursor again",
    ),
}
DISPLAYED = {
    "ITEM_LOGIN_REQUIRED": "The bank asks you to sign in again.",
    "ITEM_LOCKED": "The bank has locked this account. Please unlock it with your bank.",
    "INVALID_CREDENTIALS": "The user name or password is not right.",
    "ACCESS_NOT_GRANTED": "You did not allow the access at your bank.",
    "INVALID_OTP": "That code is not right.",
    "PROFILE_AUTHENTICATION_FAILED": "That was the third wrong code.",
    "INSTITUTION_DOWN": "The bank does not answer at the moment. Please try again later.",
}
# What an operator may set on an Item, and a password error_… may bring about.
ITEM_CODES = (
    *ERRORS["ITEM_ERROR"],
    *ERRORS["INSTITUTION_ERROR"],
    "USER_PERMISSION_REVOKED",
    "ADDITIONAL_CONSENT_REQUIRED",
)


class PlaidError(Exception):
    """A request that Plaid answers with an error body."""

    def __init__(self, code: str, message: str = "", status: int = 0) -> None:
        super().__init__(code)
        type_, usual, text = CODES.get(code) or (
            (TYPE_OF[code], 400, code.lower().replace("_", " "))
            if code in TYPE_OF
            else ("API_ERROR", 500, code)
        )
        self.type = type_
        self.code = code
        self.status = status or usual
        self.message = message or text

    def content(self) -> dict[str, Any]:
        """Return the error as it also stands in an Item and in a webhook."""
        return {
            "error_type": self.type,
            "error_code": self.code,
            "error_message": self.message,
            "display_message": DISPLAYED.get(self.code),
        }

    def body(self) -> dict[str, Any]:
        return self.content() | {
            "documentation_url": "https://plaid.com/docs/errors/",
            "suggested_action": None,
            "request_id": new_request_id(),
        }


def new_request_id() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(15))


def fault_body(status: int, code: str) -> dict[str, Any]:
    """Return the body of an error the operator ordered."""
    usual = {429: "RATE_LIMIT", 400: "INVALID_FIELD", 404: "NOT_FOUND"}
    return PlaidError(code or usual.get(status, "INTERNAL_SERVER_ERROR"), status=status).body()
