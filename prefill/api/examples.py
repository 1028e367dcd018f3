"""Requests and answers of nobody: numbers 555-01xx are fictional."""

USER_ID = "0b6d1c9e-3f0a-4d3b-9c3e-5a1f6c2d7e80"
SESSION_ID = "7d2f8c54-61c6-4a55-8a0e-2f7f0d1b9c33"
ITEM_ID = "c1a5f0de-8b1c-4f6a-b7a2-90d3e4f51b66"
ACCOUNT_ID = "5e9b7a10-2c44-4d0e-9f8b-1d6a3c7e2f45"
NOON = "2026-11-16T12:00:00-05:00"
VERSION = "2026-11.5d2c91ab"

ENTER_CODE = {
    "action": "enter_code",
    "session_id": SESSION_ID,
    "resend_at": "2026-11-16T12:00:30-05:00",
    "expires_at": "2026-11-16T12:05:00-05:00",
    "attempts_left": 3,
}
REVIEW = {"action": "review", "optional": ["open_link"]}
USER = {
    "next_step": {"action": "open_layer"},
    "user_id": USER_ID,
    "external_id": "customer-1042",
    "mode": "test",
    "metadata": {"plan": "starter"},
    "phone_number": "",
    "phone_verified": False,
    "phone_verified_at": None,
    "created_at": NOON,
}
CLIENT_TOKEN = {
    "next_step": {"action": "open_layer"},
    "client_token": "sct_test_…",
    "user_id": USER_ID,
    "expires_at": "2026-11-16T12:30:00-05:00",
}
VERIFY_PHONE = {
    "user_id": USER_ID,
    "phone_number": "+12125550100",
    "date_of_birth": "1985-06-15",
    "consent": {
        "accepted": True,
        "text_version": VERSION,
        "ip_address": "203.0.113.7",
        "user_agent": "Mozilla/5.0",
    },
}
PHONE_SESSION = {
    "next_step": ENTER_CODE,
    "session_id": SESSION_ID,
    "user_id": USER_ID,
    "status": "pending",
    "method": "sms",
    "expires_at": "2026-11-16T12:05:00-05:00",
    "resend_after": "2026-11-16T12:00:30-05:00",
    "attempts_left": 3,
    "identified": None,
}
CONFIRM_PHONE = {"session_id": SESSION_ID, "verification_code": "123456"}
CONFIRMED = PHONE_SESSION | {
    "next_step": REVIEW, "status": "verified", "attempts_left": 2, "identified": True,
}  # fmt: skip
CONSENT_TEXT = {
    "text_version": VERSION,
    "text": "I give Acme, and StockSprout and Spinwheel, which work for it, my written …",
    "links": [
        {
            "text": "Spinwheel End User Agreement",
            "url": "https://spinwheel.io/legal/end-user-agreement",
        }
    ],
}
LINK_TOKEN = {
    "next_step": {"action": "open_layer"},
    "session_id": SESSION_ID,
    "user_id": USER_ID,
    "kind": "layer",
    "link_token": "link-sandbox-3a7c",
    "expiration": "2026-11-16T16:00:00-05:00",
}
ITEM = {
    "item_id": ITEM_ID,
    "institution_name": "First Platypus Bank",
    "status": "active",
    "needs_reconnect": False,
}
ACCOUNT = {
    "account_id": ACCOUNT_ID,
    "item_id": ITEM_ID,
    "institution_name": "First Platypus Bank",
    "name": "Plaid Checking",
    "official_name": "Plaid Gold Standard 0% Interest Checking",
    "type": "depository",
    "subtype": "checking",
    "mask": "0000",
    "balance": {"available": "100.00", "current": "110.00", "limit": None, "currency": "USD"},
    "updated_at": NOON,
}
ACCOUNTS = {
    "next_step": {"action": "review", "optional": []},
    "user_id": USER_ID,
    "items": [ITEM],
    "accounts": [ACCOUNT],
}
FINISHED_LINK = ACCOUNTS | {"prefill_available": True}
PREFILL = {
    "next_step": REVIEW,
    "user_id": USER_ID,
    "personal_info": {
        "first_name": "Pat",
        "last_name": "Sample",
        "email": "pat@example.com",
        "phone_number": "+12125550100",
        "date_of_birth": "1985-06-15",
        "ssn_last4": "6789",
    },
    "addresses": [
        {
            "street1": "12 Main Street",
            "street2": "",
            "city": "Denver",
            "region": "CO",
            "postal_code": "80202",
            "country": "US",
            "kind": "home",
        }
    ],
    "employment": {},
    "financial_info": {"bank_accounts": [], "credit_accounts": []},
    "provenance": {
        "personal_info.first_name": {
            "source": "bureau",
            "obtained_at": NOON,
            "confidence": "0.80",
        },
    },
    "coverage": "0.800",
}
