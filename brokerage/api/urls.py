"""Addresses of the parents' API about banks, money, orders and accounts."""

from django.urls import path

from brokerage.api import (
    accounts,
    bank_accounts,
    connections,
    consents,
    deposits,
    history,
    instruments,
    kyc,
    orders,
    papers,
    spelling,
    sync,
    trusted_contact,
)

BANK = "bank-accounts/<uuid:pk>"

urlpatterns = [
    path("bank-accounts", bank_accounts.BankAccounts.as_view(), name="api-banks"),
    path("bank-accounts/choose", connections.ChooseBank.as_view(), name="api-choose-bank"),
    path(BANK, bank_accounts.RemoveBank.as_view(), name="api-bank"),
    path(f"{BANK}/confirm", bank_accounts.ConfirmBank.as_view(), name="api-confirm-bank"),
    path(f"{BANK}/resend", bank_accounts.ResendMicroDeposits.as_view(), name="api-resend"),
    path(f"{BANK}/verify", bank_accounts.VerifyBankAgain.as_view(), name="api-verify-bank"),
    path(f"{BANK}/primary", bank_accounts.MakeBankPrimary.as_view(), name="api-primary-bank"),
    path("connections", connections.Connections.as_view(), name="api-connections"),
    path("connections/<uuid:pk>", connections.OneConnection.as_view(), name="api-connection"),
    path("consents", consents.Consents.as_view(), name="api-consents"),
    path("consents/end", consents.EndConsent.as_view(), name="api-end-consent"),
    path("consents/e-sign", consents.SignElectronically.as_view(), name="api-agree-again"),
    path("consents/paper", consents.AskForPaper.as_view(), name="api-ask-for-paper"),
    path("deposits", deposits.Deposits.as_view(), name="api-deposits"),
    path(
        "children/<uuid:child_id>/deposits",
        deposits.DepositsOfChild.as_view(),
        name="api-deposits-of-child",
    ),
    # The same list under a second address that clients know.
    path(
        "deposits/<uuid:child_id>",
        deposits.DepositsOfChild.as_view(),
        name="api-deposits-of-child-short",
    ),
    path("deposits/<uuid:pk>/status", deposits.DepositStatus.as_view(), name="api-deposit-status"),
    path("kyc", kyc.Kyc.as_view(), name="api-kyc"),
    path("kyc/spelling", spelling.Spelling.as_view(), name="api-kyc-spelling"),
    path("kyc/form", kyc.KycFormNow.as_view(), name="api-kyc-form"),
    path(
        "kyc/trusted-contact",
        trusted_contact.TrustedContactNow.as_view(),
        name="api-trusted-contact",
    ),
    path("kyc/documents", kyc.KycDocuments.as_view(), name="api-kyc-documents"),
    path("children/<uuid:child_id>/kyc", kyc.ChildKyc.as_view(), name="api-child-kyc"),
    path(
        "children/<uuid:child_id>/kyc/documents",
        kyc.ChildKycDocuments.as_view(),
        name="api-child-kyc-documents",
    ),
    path(
        "children/<uuid:child_id>/account-status",
        accounts.AccountStatus.as_view(),
        name="api-account-status",
    ),
    path(
        "children/<uuid:child_id>/account/close",
        accounts.CloseAccount.as_view(),
        name="api-close-account",
    ),
    path("children/<uuid:child_id>/orders", orders.OrdersOfChild.as_view(), name="api-orders"),
    path("orders/<uuid:pk>", orders.OneOrder.as_view(), name="api-order"),
    path("orders/<uuid:pk>/cancel", orders.CancelOrder.as_view(), name="api-cancel-order"),
    path(
        "instruments/search",
        instruments.SearchInstruments.as_view(),
        name="api-search-instruments",
    ),
    path(
        "instruments/<path:symbol>",
        instruments.InstrumentBySymbol.as_view(),
        name="api-instrument",
    ),
    path("children/<uuid:pk>/history", history.History.as_view(), name="api-history"),
    path("children/<uuid:pk>/statements", papers.Papers.as_view(), name="api-statements"),
    path("statements/<uuid:pk>/link", papers.PaperLink.as_view(), name="api-statement-link"),
    path("sync/positions/<uuid:child_id>", sync.SyncPositions.as_view(), name="api-sync-positions"),
    path("sync/orders/<uuid:child_id>", sync.SyncOrders.as_view(), name="api-sync-orders"),
    path("sync/status/<uuid:child_id>", sync.SyncStatus.as_view(), name="api-sync-status"),
]
