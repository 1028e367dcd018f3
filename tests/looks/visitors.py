"""What visitors and givers see: the front, the doors, a gift link, and pages that went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.core import mail
from django.test import Client

from accounts.documents import list_documents
from accounts.models import Child, WaitingPlace
from accounts.waiting import make_link
from tests.cast import PASSWORD, Family, make_user
from tests.looks.album import Album
from tests.pages.reading import read


def meet_the_doors(album: Album) -> None:
    """See the front page, signing up and in, the ways back in, and what is wrong with each."""
    visitor = Client()
    album.get("the front page", visitor, "/")
    for path in ("help/", "contact/", "agreements/"):
        album.get(path.strip("/"), visitor, f"/{path}")
    album.get("the waiting list", visitor, "/waiting-list/")
    album.post("the waiting list, all of it empty", visitor, "/waiting-list/")
    album.post(
        "on the waiting list", visitor, "/waiting-list/", email="far@family.example", state="TX"
    )
    place = WaitingPlace.objects.get()
    for act in ("confirm", "leave"):
        path = make_link(place, act).partition("/waiting-list/")[2]
        album.get(f"the waiting list, to {act}", visitor, f"/waiting-list/{path}")
        album.get(f"the waiting list, no link to {act}", visitor, f"/waiting-list/{act}/none/")
    for one in list_documents():
        album.get(f"the agreement {one.slug}", visitor, f"/agreements/{one.slug}/")
        path = f"/agreements/{one.slug}/{one.version}/"
        album.get(f"the agreement {one.slug}, one version", visitor, path)
    for path, name in (("login", "signing in"), ("signup", "signing up"),
                       ("password/reset", "a lost password")):  # fmt: skip
        album.get(name, visitor, f"/account/{path}/")
        album.post(f"{name}, all of it empty", visitor, f"/account/{path}/")
    album.post(
        "signing in, a wrong password", visitor, "/account/login/",
        login="nobody@family.example", password="wrong",
    )  # fmt: skip
    new = {"email": "new@family.example", "password1": PASSWORD, "password2": PASSWORD}
    album.post("signed up, e-mail to be confirmed", visitor, "/account/signup/", **new)
    album.get("an e-mail's link", visitor, _find_link(mail.outbox[-1].body))
    album.get("an e-mail's link that is none", visitor, "/account/confirm-email/none/")
    make_user("lost@family.example")
    album.post(
        "a letter was sent", visitor, "/account/password/reset/", email="lost@family.example"
    )
    album.get("a new password", visitor, _find_link(mail.outbox[-1].body))
    album.get("a new password is set", visitor, "/account/password/reset/key/done/")
    album.get("a password's link that is none", visitor, "/account/password/reset/key/1-none/")
    album.get("a closed login", visitor, "/account/inactive/")


def go_wrong(album: Album) -> None:
    """See what is shown instead of a page."""
    album.get("nothing here", Client(), "/nothing/here/")
    strict = Client(enforce_csrf_checks=True)
    album.post("a form from elsewhere", strict, "/account/login/", login="x", password="y")


def give(album: Album, family: Family) -> None:
    """See the gift link, what a giver looks for, what is missing, and the way of a gift."""
    grandma, path = Client(), f"/g/{family.child.gift_code}/"
    page = read(album.get("a gift link", grandma, path))
    form = page.form_to()
    album.keep("a gift link, a company found", grandma.post(path, form.fill(find="coca")))
    typed = {"quick": "50", "amount": "75", "giver_name": "Grandma", "message": "Grow!"}
    form.values["instrument"] = next(iter(form.options["instrument"].values()))
    filled = form.fill(**typed, giver_email="grandma@family.example")
    album.keep("a gift to look over", grandma.post(path, filled))
    album.keep("a gift link, nothing found", grandma.post(path, form.fill(find="zzzz")))
    album.post("a gift link, all of it empty", grandma, path)
    wrong = {"amount": "lots", "giver_name": "4", "giver_email": "gran", "message": "x" * 600}
    album.post("a gift link, all of it wrong", grandma, path, **wrong)
    album.get("a gift link that is none", grandma, "/g/none/")
    with grown_up(family.child):
        album.get("a gift link of somebody grown up", grandma, path)


@contextmanager
def grown_up(child: Child) -> Iterator[None]:
    """Make somebody older for a while than a child is."""
    row = Child.objects.filter(pk=child.pk)
    row.update(date_of_birth=date(1995, 4, 1))
    yield
    row.update(date_of_birth=child.date_of_birth)


def _find_link(letter: object) -> str:
    """Return the path of the one link in a letter."""
    (word,) = [word for word in str(letter).split() if word.startswith("http")]
    return "/" + word.split("/", 3)[3]
