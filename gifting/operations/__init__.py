"""Every write about gifts, by noun."""

from gifting.operations.gifts import (
    GiftOffer,
    approve_gift,
    authorization_text,
    cancel_gift,
    check_gift,
    decline_alike,
    decline_gift,
    expire_gift,
    follow_purchase,
    give,
    retry_gift,
    send_note,
)
from gifting.operations.links import (
    LinkTerms,
    add_link,
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
    "check_gift",
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
