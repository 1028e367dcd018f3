"""Pictures of IDs: from a parent's phone to the broker, once, and nowhere else."""

from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import Parent
from brokerage.gateway import get_broker
from brokerage.models import BrokerUser, IdDocument
from brokerage.operations import add_id_document, advance_id_document
from core.driven import LEASE
from core.models import AuditEntry
from tests.cast import make_known, make_parent, sign_in
from tests.desk.leaks import dump_database
from tests.money.processes import KILLED, start, steps_counted, wait
from tests.pages.reading import Page, read
from tests.pictures import claim, draw, print_pdf
from tests.stage import Stage

pytestmark = pytest.mark.documented_too

URL = "/about-you/documents/"
JPEG = draw("JPEG", comment=b"picture of an ID")
PNG = draw("PNG")
PDF = print_pdf()
STILL, OTHER = (Image.open(BytesIO(draw("PNG", colour=n))) for n in (1, 99))
TEN_MB = 10 * 1024 * 1024


def moving() -> bytes:
    """Return a PNG of two frames."""
    file = BytesIO()
    STILL.save(file, "PNG", save_all=True, append_images=[OTHER])
    return file.getvalue()


def blurred(stage: Stage) -> Parent:
    """Return a parent whose photo the broker finds blurred."""
    parent = make_parent("custodian@family.example")
    make_known(parent, last_name="POOR_PHOTO_QUALITY")
    stage.work()
    return parent


@pytest.fixture
def parent(stage: Stage) -> Parent:
    return blurred(stage)


@pytest.fixture
def client(parent: Parent) -> Client:
    return sign_in(parent)


def send(client: Client, front: bytes | None = JPEG, back: bytes | None = None) -> Page:
    answers: dict[str, Any] = {"kind": "DRIVER_LICENSE"}
    for side, content in (("front", front), ("back", back)):
        if content is not None:
            answers[side] = SimpleUploadedFile(f"{side}.jpg", content)
    return read(client.post(URL, answers, follow=True))


def uploads() -> list[Any]:
    """Return the pictures the broker holds."""
    (user,) = BrokerUser.objects.all()
    return list(get_broker().list_documents(user.vendor_id))


def test_front_and_back_reach_the_broker_and_are_erased_here(
    stage: Stage, client: Client, parent: Parent
) -> None:
    form = read(client.get(URL)).form_to("")
    sent = send(client, JPEG, PNG)
    waiting = IdDocument.objects.get(side="FRONT").content
    kept = dump_database()
    stage.work()

    documents = IdDocument.objects.order_by("side")
    assert {"kind", "front", "back"} <= form.names
    assert sent.url == "/about-you/"
    assert "We are sending this to the broker" in sent.text
    assert waiting
    assert "picture of an ID" not in kept
    assert waiting not in kept
    assert [(d.side, d.status, d.content) for d in documents] == [
        ("BACK", "ACCEPTED", ""),
        ("FRONT", "ACCEPTED", ""),
    ]
    assert BrokerUser.objects.get(parent=parent).status == "APPROVED"
    page = read(client.get("/about-you/"))
    assert "You are confirmed" in page.text
    assert "Driver's license, front" in page.text
    assert "Accepted" in page.text


@pytest.mark.parametrize("content", [PNG, PDF])
def test_what_the_first_bytes_say_counts(stage: Stage, client: Client, content: bytes) -> None:
    assert send(client, content).url == "/about-you/"

    stage.work()

    assert IdDocument.objects.get().status == "ACCEPTED"


@pytest.mark.daily(6)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "Take a picture"),
        (b"", "empty"),
        (b"GIF89a" + bytes(100), "JPEG or PNG"),
        (b"<html>%PDF-", "JPEG or PNG"),
        (b"MZ" + bytes(100), "JPEG or PNG"),
        (b"\xff\xd8\xff", "not whole"),
        (JPEG[: len(JPEG) // 2], "not whole"),
        (PNG[: len(PNG) // 2], "not whole"),
        (PNG[:2000] + bytes(100) + PNG[2100:], "not whole"),
        (b"%PDF-1.7\n" + bytes(2000), "not whole"),
        (PDF.replace(b"/Root", b"/Encrypt 9 0 R /Root"), "locked with a password"),
        (draw("JPEG", (200, 150)), "too small to read (200 × 150 pixels)"),
        (draw("PNG", (2000, 100)), "too small to read"),
        (claim(PNG, 13000, 9300), "too many pixels"),
        (draw("GIF"), "JPEG or PNG"),
        (draw("WEBP"), "JPEG or PNG"),
        (draw("TIFF"), "JPEG or PNG"),
        (moving(), "This picture moves"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500), "Most Compatible"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic" + bytes(500), "save it as JPEG"),
        (JPEG + bytes(TEN_MB), "larger than 10 MB"),
    ],
    ids=[
        "none",
        "empty",
        "gif",
        "html",
        "exe",
        "three bytes",
        "half a jpeg",
        "half a png",
        "broken inside",
        "half a pdf",
        "locked",
        "tiny",
        "narrow",
        "huge",
        "a real gif",
        "webp",
        "tiff",
        "moving",
        "heic",
        "mif1",
        "large",
    ],
)
def test_what_no_broker_takes_is_refused_at_its_field(
    client: Client, content: bytes | None, said: str
) -> None:
    page = send(client, content)

    assert page.status == 422
    assert said in page.errors["front"]
    assert page.form_to("").values["kind"] == "DRIVER_LICENSE"
    assert not IdDocument.objects.exists()


def test_ten_megabytes_exactly_are_taken(client: Client) -> None:
    assert send(client, JPEG + bytes(TEN_MB - len(JPEG))).url == "/about-you/"


def test_a_request_without_end_is_cut_off(client: Client) -> None:
    answer = client.post(URL, b"", content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 422

    endless = client.post(URL, {"kind": "VISA"}, headers={"Content-Length": str(65 * 1024 * 1024)})

    assert endless.status_code == 400


def test_the_same_picture_sent_twice_is_one(stage: Stage, client: Client) -> None:
    send(client)
    again = send(client)
    stage.work()

    assert again.url == "/about-you/"
    assert len(uploads()) == 1
    assert AuditEntry.objects.filter(verb="id_document.sent").count() == 1


def test_a_picture_the_broker_turned_down_is_not_sent_again(
    stage: Stage, client: Client, parent: Parent
) -> None:
    user = BrokerUser.objects.get(parent=parent)
    send(client)
    stage.work(rounds=1)
    decision = {"status": "KYC_DOC_REQUIRED", "errors": ["EXPIRED_DOCUMENT"]}
    stage.control("POST", f"users/{user.vendor_id}/kyc", decision)
    stage.work()

    told = read(client.get("/about-you/"))
    same = send(client)
    other = send(client, PNG)
    stage.work()

    assert "has expired" in told.text
    assert "did not accept this picture" in told.text
    assert "did not accept this very picture" in same.errors["front"]
    assert other.url == "/about-you/"
    assert BrokerUser.objects.get(parent=parent).status == "APPROVED"


def test_who_is_asked_for_nothing_sends_nothing(stage: Stage) -> None:
    parent = make_parent("approved@family.example")
    make_known(parent)
    stage.work()

    page = send(sign_in(parent))

    assert page.status == 422
    assert "asks for no document now" in page.text
    assert not IdDocument.objects.exists()


def test_no_file_touches_a_disk_and_no_other_page_takes_any(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    send(client, JPEG + bytes(5 * 1024 * 1024))
    file = SimpleUploadedFile("a.jpg", JPEG)

    elsewhere = client.post("/about-you/", {"first_name": file})
    anonymous = Client().post(URL, {"front": file})

    assert elsewhere.wsgi_request.FILES == {}
    assert anonymous.wsgi_request.FILES == {}
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".upload"]


def test_while_the_broker_is_away_a_picture_waits(stage: Stage, client: Client) -> None:
    stage.fault(method="POST", path="*/documents", kind="status", status=503, times=2)
    send(client)
    stage.work()

    assert IdDocument.objects.get().status == "ACCEPTED"
    assert len(uploads()) == 1


def test_a_picture_the_broker_refuses_outright_is_erased_too(stage: Stage, client: Client) -> None:
    stage.fault(method="POST", path="*/documents", kind="status", status=400, code="D011", times=1)
    send(client)
    stage.work()

    document = IdDocument.objects.get()
    assert (document.status, document.content) == ("REFUSED", "")
    assert "Send a picture of the ID" in read(client.get("/about-you/")).text


def send_to_broker(stage: Stage, document: IdDocument) -> None:
    advance_id_document(document.pk, at=stage.now())


@pytest.mark.daily(2)
@pytest.mark.parametrize("step", range(5))
def test_killed_before_any_step_the_broker_gets_one_picture(live_stage: Stage, step: int) -> None:
    parent = blurred(live_stage)
    holder = BrokerUser.objects.get(parent=parent)
    (document,) = add_id_document(
        holder=holder,
        kind="PASSPORT",
        pictures={"FRONT": JPEG},
        by=parent,
        at=live_stage.now(),
    )

    def until_killed() -> None:
        with steps_counted(kill_before=step):
            send_to_broker(live_stage, document)

    status = wait(start(until_killed))
    live_stage.advance(LEASE.total_seconds())
    live_stage.work()

    document.refresh_from_db()
    assert status == KILLED
    assert (document.status, document.content) == ("ACCEPTED", "")
    assert len(uploads()) == 1
    assert BrokerUser.objects.get(pk=holder.pk).status == "APPROVED"


def test_every_step_of_a_picture_is_killed_above(live_stage: Stage) -> None:
    parent = blurred(live_stage)
    holder = BrokerUser.objects.get(parent=parent)
    add = partial(add_id_document, holder=holder, kind="PASSPORT", by=parent)
    (document,) = add(pictures={"FRONT": JPEG}, at=live_stage.now())

    with steps_counted() as steps:
        send_to_broker(live_stage, document)

    assert len(steps) == 5, "\n".join(steps)
