"""Addresses of the pages of the broker's room."""

from django.urls import path

from brokerage.views import (
    accounts,
    banks,
    books,
    connections,
    consents,
    deposits,
    orders,
    people,
    practice,
    shares,
)

urlpatterns = [
    path("about-you/", people.Kyc.as_view(), name="kyc"),
    path("about-you/documents/", people.AddIdDocument.as_view(), name="add-id-document"),
    path("children/<uuid:pk>/account/", accounts.ChildAccount.as_view(), name="child-account"),
    path(
        "children/<uuid:pk>/account/close/", accounts.CloseAccount.as_view(), name="close-account"
    ),
    path("children/<uuid:pk>/details/", people.CorrectChild.as_view(), name="correct-child"),
    path(
        "children/<uuid:pk>/documents/", people.AddIdDocument.as_view(), name="add-child-document"
    ),
    path("agreed/", consents.Consents.as_view(), name="consents"),
    path("agreed/electronic/end/", consents.EndESign.as_view(), name="end-e-sign"),
    path("agreed/electronic/again/", consents.AgreeAgain.as_view(), name="agree-again"),
    path("agreed/electronic/paper/", consents.AskForPaper.as_view(), name="ask-for-paper"),
    path("agreed/debits/end/", consents.EndDebits.as_view(), name="end-debits"),
    path("agreed/details/end/", consents.EndInstructions.as_view(), name="end-instructions"),
    path("banks/", banks.Banks.as_view(), name="banks"),
    path("banks/new/", banks.LinkBank.as_view(), name="link-bank"),
    path("banks/choose/", connections.ChooseBank.as_view(), name="choose-bank"),
    path(
        "banks/connections/<uuid:pk>/remove/",
        connections.RemoveConnection.as_view(),
        name="remove-connection",
    ),
    path("banks/<uuid:pk>/confirm/", banks.ConfirmBank.as_view(), name="confirm-bank"),
    path(
        "banks/<uuid:pk>/resend/",
        banks.ResendMicroDeposits.as_view(),
        name="resend-micro-deposits",
    ),
    path("banks/<uuid:pk>/verify/", banks.VerifyBankAgain.as_view(), name="verify-bank-again"),
    path("banks/<uuid:pk>/primary/", banks.MakeBankPrimary.as_view(), name="make-bank-primary"),
    path("children/<uuid:pk>/add-money/", deposits.AddMoney.as_view(), name="add-money"),
    path("children/<uuid:pk>/wire/", deposits.Wire.as_view(), name="wire"),
    path("deposits/<uuid:pk>/", deposits.DepositPage.as_view(), name="deposit"),
    path("children/<uuid:pk>/history/", books.History.as_view(), name="history"),
    path("children/<uuid:pk>/papers/", books.Papers.as_view(), name="papers"),
    path("children/<uuid:pk>/check/", books.CheckNow.as_view(), name="check-now"),
    path("papers/<uuid:pk>/", books.OpenPaper.as_view(), name="open-paper"),
    path("banks/<uuid:pk>/remove/", banks.RemoveBank.as_view(), name="remove-bank"),
    path("children/<uuid:pk>/orders/", orders.Orders.as_view(), name="orders"),
    path("children/<uuid:pk>/orders/new/", orders.PlaceOrder.as_view(), name="place-order"),
    path("orders/<uuid:pk>/", orders.OrderPage.as_view(), name="order"),
    path("orders/<uuid:pk>/cancel/", orders.CancelOrder.as_view(), name="cancel-order"),
    path("practice/<slug:kind>/<str:key>/", practice.FindPractice.as_view(), name="find-practice"),
    path("shares/", shares.SearchShares.as_view(), name="search-shares"),
]
