"""Addresses of the way from a phone number to a form filled in."""

from django.urls import path

from prefill.views import links, resume, returns, start

urlpatterns = [
    path("start/", start.Start.as_view(), name="start"),
    path("start/phone/", start.Phone.as_view(), name="start-phone"),
    path("start/code/<uuid:pk>/", start.Code.as_view(), name="start-code"),
    path("start/code/<uuid:pk>/resend/", start.ResendCode.as_view(), name="resend-code"),
    path("start/bank/", start.Bank.as_view(), name="start-bank"),
    path("start/elsewhere/", resume.Elsewhere.as_view(), name="start-elsewhere"),
    path("r/<str:secret>/", resume.Resume.as_view(), name="resume"),
    path("links/", links.StartLink.as_view(), name="start-link"),
    path("links/finish/", links.FinishLink.as_view(), name="finish-link"),
    path("links/back/", returns.LinkBack.as_view(), name="link-back"),
    path("links/<uuid:pk>/reopen/", returns.ReopenLink.as_view(), name="reopen-link"),
    path("links/<uuid:pk>/events/", links.NoteLinkEvent.as_view(), name="note-link-event"),
    path("links/<uuid:pk>/repaired/", links.FinishRepair.as_view(), name="finish-repair"),
]
