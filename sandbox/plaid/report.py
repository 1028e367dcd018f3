"""Plaid's part of the state: sessions, Items and webhooks, tokens by their last digits only."""

from __future__ import annotations

from typing import Any

from sandbox.plaid.books import Plaid
from sandbox.plaid.records import Item, LinkToken, Webhook
from sandbox.wire import iso

Row = dict[str, Any]


def describe(plaid: Plaid) -> Row:
    return {
        "plaidLinks": [_link(link) for link in plaid.links],
        "plaidItems": [_item(plaid, item) for item in plaid.items],
        "plaidWebhooks": [webhook_row(webhook) for webhook in plaid.webhooks],
    }


def _link(link: LinkToken) -> Row:
    return {
        "token": f"…{link.token[-6:]}",
        "kind": link.kind,
        "stage": link.stage,
        "clientId": link.client_id,
        "redirectUri": link.request.get("redirect_uri"),
        "expires": iso(link.expires),
    }


def _item(plaid: Plaid, item: Item) -> Row:
    return {
        "id": item.id,
        "clientId": item.client_id,
        "institutionId": item.institution_id,
        "accounts": [f"{row['subtype']} ****{row['mask']}" for row in item.accounts],
        "products": item.products,
        "webhook": item.webhook,
        "error": item.error or None,
        "removed": item.removed,
        "processors": [row.name for row in plaid.processors if row.item_id == item.id],
    }


def webhook_row(webhook: Webhook) -> Row:
    return {
        "sequence": webhook.sequence,
        "type": webhook.type,
        "code": webhook.code,
        "url": webhook.url,
        "status": webhook.status,
        "answers": webhook.answers,
        "nextTry": iso(webhook.next_try),
        "itemId": webhook.body.get("item_id"),
    }
