"""People at DriveWealth: users, their identity check, pictures of their documents."""

from base64 import b64encode
from typing import Any
from uuid import UUID

from brokerage.drivewealth import identity, kyc, schemas, spelling
from brokerage.drivewealth.wire import Wire, part, read, read_link, read_rows
from brokerage.gateway import (
    Custodian,
    KycState,
    Listing,
    Minor,
    Rejected,
    Scan,
    ScanState,
    UserState,
)

LARGEST_SCAN = 10 * 1024 * 1024
USER_KINDS = {"INDIVIDUAL_TRADER": "CUSTODIAN", "CUSTODIAL": "MINOR"}
USER_STATUS = {name: name for name in ("PENDING", "APPROVED", "REVOKED", "CLOSED")}
SCAN_STATUS = {name: name for name in ("NOT_SUBMITTED", "PENDING", "APPROVED", "REJECTED")}
MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"%PDF-": "application/pdf",
}


class People(Wire):
    def create_user(self, person: Custodian | Minor, *, key: UUID) -> str:
        """Make a person known; return the broker's id, all we keep of an answer that echoes."""
        body = self._post("/users", _write_person(person), key=key)
        return read(schemas.read_id, body)

    def get_user(self, user_id: str) -> UserState:
        """Ask how a person stands with the broker; the details it repeats are left unread."""
        return read(_read_user, self._get(f"/users/{part(user_id)}", label="/users/:id"))

    def update_user(self, user_id: str, person: Custodian | Minor) -> None:
        """Send a person's details again; the broker checks them anew."""
        documents = {"documents": _write_person(person)["documents"]}
        self._call("PATCH", f"/users/{part(user_id)}", body=documents, label="/users/:id")

    def get_kyc(self, user_id: str) -> KycState:
        """Ask how the identity check stands."""
        path = f"/users/{part(user_id)}/kyc-status"
        return read(kyc.read_kyc, self._get(path, label="/users/:id/kyc-status"))

    def is_same_name(self, written: str, told: str) -> bool:
        """Say whether a name in an answer is the one we sent; asks nobody."""
        return spelling.is_same_name(written, told)

    def upload_document(self, user_id: str, scan: Scan, *, key: UUID) -> ScanState:
        """Send a picture of an identity document; the broker checks the person anew.

        :raises Rejected: before anything is sent, where it is no PNG, JPEG or PDF or too large
        """
        body = {
            "userID": user_id,
            "type": scan.kind,
            "side": scan.side,
            "document": _write_content(scan.content),
        }
        return read(_read_scan, self._post("/documents", body, key=key))

    def list_documents(self, user_id: str) -> Listing[ScanState]:
        """Ask for the documents of a person and what became of them."""
        path = f"/users/{part(user_id)}/documents"
        return read_rows(_read_scan, self._list(path, label="/users/:id/documents"))

    def get_document_link(self, document_id: str) -> str:
        """Ask for a short-lived address of a document; never store or log it."""
        path = f"/documents/{part(document_id)}/url"
        return read(read_link, self._get(path, label="/documents/:id/url"))


def _write_person(person: Custodian | Minor) -> dict[str, Any]:
    if isinstance(person, Minor):
        return identity.write_minor(person)
    return identity.write_custodian(person)


def _write_content(content: bytes) -> str:
    """Return a file as the data address DriveWealth wants, by what it is, not what it is called.

    :raises Rejected: with the code DriveWealth would have answered
    """
    kind = next((kind for magic, kind in MAGIC.items() if content.startswith(magic)), None)
    if kind is None:
        reason = "The document must be a PNG or JPEG picture or a PDF."
        raise Rejected(reason, code="D011", problems=("document",))
    if len(content) > LARGEST_SCAN:
        reason = "The document must not be larger than 10 MB."
        raise Rejected(reason, code="D001", problems=("document",))
    return f"data:{kind};base64,{b64encode(content).decode()}"


def _read_user(body: dict[str, Any]) -> UserState:
    """Read GET /users/{id}, wrapped in `user`, or flat as PATCH answers."""
    user = body.get("user", body)
    return UserState(
        id=schemas.read_id(user, "id", "userID"),
        kind=USER_KINDS.get(schemas.name_of(user["userType"]), "OTHER"),
        status=_read_user_status(user["status"]),
        first_name=str(user.get("firstName") or ""),
        last_name=str(user.get("lastname") or user.get("lastName") or ""),
        email=str(user.get("email") or ""),
        date_of_birth=str(user.get("dob") or "")[:10],
    )


def _read_user_status(raw: Any) -> str:
    """Return how a user stands; a word nobody told us of says that nothing is decided."""
    word = schemas.name_of(raw)
    if word not in USER_STATUS:
        schemas.tell_word("user status", word)
    return USER_STATUS.get(word, "PENDING")


def _read_scan(row: dict[str, Any]) -> ScanState:
    word = schemas.name_of(row["status"])
    if word not in SCAN_STATUS:
        schemas.tell_word("document status", word)
    return ScanState(
        id=schemas.read_id(row),
        kind=schemas.name_of(row["type"]),
        side=schemas.name_of(row.get("side") or ""),
        # One that we do not know says nothing yet; it must not hide the others of the list.
        status=SCAN_STATUS.get(word, "PENDING"),
    )
