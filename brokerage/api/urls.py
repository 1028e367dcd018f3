"""Addresses of the parents' API about banks, money, orders and accounts."""

from django.urls import path

from brokerage.api import bank_accounts, deposits

BANK = "bank-accounts/<uuid:pk>"

urlpatterns = [
    path("bank-accounts", bank_accounts.BankAccounts.as_view(), name="api-banks"),
    path(BANK, bank_accounts.RemoveBank.as_view(), name="api-bank"),
    path(f"{BANK}/confirm", bank_accounts.ConfirmBank.as_view(), name="api-confirm-bank"),
    path(f"{BANK}/resend", bank_accounts.ResendMicroDeposits.as_view(), name="api-resend"),
    path(f"{BANK}/verify", bank_accounts.VerifyBankAgain.as_view(), name="api-verify-bank"),
    path(f"{BANK}/primary", bank_accounts.MakeBankPrimary.as_view(), name="api-primary-bank"),
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
]
