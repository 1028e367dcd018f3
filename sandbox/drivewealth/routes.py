"""DriveWealth's endpoints and where they are mounted."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Flask

from sandbox.drivewealth import (
    accounts,
    auth,
    bank_accounts,
    deposits,
    instructions,
    instruments,
    kyc,
    ledger,
    links,
    order_entry,
    orders,
    papers,
    summaries,
    uploads,
    users,
)
from sandbox.drivewealth.call import Route
from sandbox.drivewealth.http import file_view, respond_not_found, view
from sandbox.world import World

PREFIX = "/drivewealth"
BASE = f"{PREFIX}/back-office"

ROUTES = (
    Route("POST", "/auth/tokens", auth.create_token, public=True),
    Route("POST", "/users", users.create_user),
    Route("GET", "/users/<user_id>", users.get_user),
    Route("PATCH", "/users/<user_id>", users.update_user),
    Route("GET", "/users/<user_id>/kyc-status", kyc.get_kyc_status),
    Route("GET", "/users/<user_id>/accounts", users.list_accounts),
    Route("GET", "/users/<user_id>/documents", uploads.list_documents),
    Route("GET", "/users/<user_id>/bank-accounts", bank_accounts.list_bank_accounts),
    Route("GET", "/users/<user_id>/funding/deposits", deposits.list_user_deposits),
    Route("POST", "/documents", uploads.create_document),
    Route("GET", "/documents/<document_id>/url", uploads.get_document_url, status=201),
    Route("POST", "/accounts", accounts.create_account),
    Route("GET", "/accounts/<account_id>", accounts.get_account),
    Route("PATCH", "/accounts/<account_id>", accounts.update_account),
    Route("GET", "/accounts/<account_id>/summary/money", summaries.get_money),
    Route("GET", "/accounts/<account_id>/summary/positions", summaries.get_positions),
    Route("GET", "/accounts/<account_id>/summary/orders", summaries.get_orders),
    Route("GET", "/accounts/<account_id>/reports/order-history", summaries.get_order_history),
    Route("GET", "/accounts/<account_id>/transactions", ledger.list_transactions),
    Route("GET", "/accounts/<account_id>/funding/deposits", deposits.list_account_deposits),
    Route(
        "GET",
        "/accounts/<account_id>/funding/deposit-instructions",
        instructions.get_deposit_instructions,
    ),
    Route("GET", "/accounts/<account_id>/statements", papers.list_statements),
    Route("GET", "/accounts/<account_id>/confirms", papers.list_confirms),
    Route("GET", "/accounts/<account_id>/taxforms", papers.list_tax_forms),
    Route("GET", "/statements/<account_id>/<file_key>", papers.get_link),
    Route("POST", "/bank-accounts", bank_accounts.create_bank_account),
    Route("GET", "/bank-accounts/<bank_account_id>", bank_accounts.get_bank_account),
    Route("PATCH", "/bank-accounts/<bank_account_id>", bank_accounts.update_bank_account),
    Route("DELETE", "/bank-accounts/<bank_account_id>", bank_accounts.delete_bank_account),
    Route("POST", "/funding/deposits", deposits.create_deposit),
    Route("GET", "/funding/deposits/<deposit_id>", deposits.get_deposit),
    Route("GET", "/instruments", instruments.list_instruments),
    Route("GET", "/instruments/<instrument_id>", instruments.get_instrument),
    Route("GET", "/quotes", instruments.list_quotes),
    Route("POST", "/orders", order_entry.create_order),
    Route("GET", "/orders/<order_id>", orders.get_order),
    Route("PATCH", "/orders/<order_id>", orders.update_order),
    Route("GET", "/orders/byOrderNo/<order_number>", orders.get_order_numbered),
)


def mount(app: Flask, world: World) -> None:
    """Add every endpoint to the application, and errors in the vendor's shape for the rest."""
    vendor = Blueprint("drivewealth", __name__, url_prefix=BASE)
    for route in ROUTES:
        vendor.add_url_rule(
            route.path,
            endpoint=f"{route.method} {route.path}",
            view_func=view(world, route),
            methods=[route.method],
        )
    app.register_blueprint(vendor)
    app.add_url_rule(f"{links.PATH}/<token>", "drivewealth_file", partial(file_view, world))

    app.register_error_handler(404, respond_not_found)
    app.register_error_handler(405, respond_not_found)
