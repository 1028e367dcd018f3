"""What Plaid offers, by its own names, to check tenants' settings against.

From Plaid's OpenAPI description, as in its Python client 46. `accounts` is no product: they come
with every link.
"""

PRODUCTS = frozenset({
    "assets", "auth", "balance", "balance_plus", "beacon", "credit_details",
    "cra_base_report", "cra_cashflow_insights", "cra_home_lending", "cra_income_insights",
    "cra_lend_score", "cra_monitoring", "cra_network_insights", "cra_partner_insights",
    "cra_plaid_credit_score", "cra_qualify", "employment", "identity", "identity_match",
    "identity_verification", "income", "income_verification", "investments",
    "investments_auth", "layer", "liabilities", "pay_by_bank", "payment_initiation",
    "processor_identity", "processor_payments", "profile", "protect_linked_bank",
    "protect_transactions", "recurring_transactions", "signal", "standing_orders",
    "statements", "transactions", "transactions_refresh", "transfer",
})  # fmt: skip
COUNTRIES = frozenset({
    "AT", "BE", "CA", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "IE", "IT", "LT", "LV",
    "NL", "NO", "PL", "PT", "SE", "US",
})  # fmt: skip
