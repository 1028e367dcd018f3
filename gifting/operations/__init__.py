"""Every write about gifts, by noun."""

from gifting.operations.decisions import (
    approve_gift,
    authorization_text,
    cancel_gift,
    check_approval,
    check_retry,
    decline_alike,
    decline_gift,
    expire_gift,
    follow_purchase,
    retry_gift,
)
from gifting.operations.giving import GiftOffer, check_answers, check_gift, give, send_note
from gifting.operations.links import (
    LinkTerms,
    add_link,
    check_terms,
    close_link,
    get_main_link,
    pause_link,
    replace_link,
    resume_link,
)
from gifting.operations.senders import confirm_giver, keep_giver

__all__ = [
    "GiftOffer",
    "LinkTerms",
    "add_link",
    "approve_gift",
    "authorization_text",
    "cancel_gift",
    "check_answers",
    "check_approval",
    "check_gift",
    "check_retry",
    "check_terms",
    "close_link",
    "confirm_giver",
    "decline_alike",
    "decline_gift",
    "expire_gift",
    "follow_purchase",
    "get_main_link",
    "give",
    "keep_giver",
    "pause_link",
    "replace_link",
    "resume_link",
    "retry_gift",
    "send_note",
]
