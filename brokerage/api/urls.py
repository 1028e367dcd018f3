"""Addresses of the parents' API about banks, money, orders and accounts."""

from typing import Any

from django.urls import path

from brokerage.api import bank_accounts

BANK = "bank-accounts/<uuid:pk>"

urlpatterns: list[Any] = [
    path("bank-accounts", bank_accounts.BankAccounts.as_view(), name="api-banks"),
    path(BANK, bank_accounts.RemoveBank.as_view(), name="api-bank"),
    path(f"{BANK}/confirm", bank_accounts.ConfirmBank.as_view(), name="api-confirm-bank"),
    path(f"{BANK}/resend", bank_accounts.ResendMicroDeposits.as_view(), name="api-resend"),
    path(f"{BANK}/verify", bank_accounts.VerifyBankAgain.as_view(), name="api-verify-bank"),
    path(f"{BANK}/primary", bank_accounts.MakeBankPrimary.as_view(), name="api-primary-bank"),
]
