"""Users: the adult who keeps an account for a child, and the child."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.calendars import new_york_day
from sandbox.drivewealth import fields, kyc
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.documents import check_documents, read_documents
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.records import ADULT, CHILD, User
from sandbox.wire import iso

USER_TYPES = {ADULT: "Individual Trader", CHILD: "Custodial"}


def create_user(broker: Broker, call: Call) -> dict[str, Any]:
    user_type = fields.choice(call.body, "userType", USER_TYPES)
    username = fields.optional_text(call.body, "username")
    if username and broker.users.where("username", username):
        raise Refusal("U010").naming("username")
    documents = read_documents(call.body, broker.config)
    check_documents(user_type, documents, new_york_day(broker.now()), broker.config)
    _check_custodian(broker, user_type, documents)
    now = broker.now()
    user = User(
        id=str(uuid.uuid4()),
        user_type=user_type,
        username=username,
        documents=documents,
        metadata=fields.metadata(call.body),
        created=now,
        updated=now,
    )
    broker.users.add(user.id, user)
    broker.publish(
        "users.created",
        {
            "userID": user.id,
            "firstName": user.basic["firstName"],
            "lastName": user.basic["lastName"],
            "email": user.basic.get("emailAddress"),
            "status": _named(user.status),
        },
    )
    kyc.submit(broker, user)
    return _created_json(user)


def get_user(broker: Broker, call: Call) -> dict[str, Any]:
    return {"user": _flat_json(broker.user(call.path["user_id"]))}


def update_user(broker: Broker, call: Call) -> dict[str, Any]:
    """Change parts of documents. Verification runs again unless it has come to its end."""
    user = broker.user(call.path["user_id"])
    documents = {type_: dict(data) for type_, data in user.documents.items()}
    for type_, data in read_documents(call.body, broker.config).items():
        documents[type_] = documents.get(type_, {}) | data
    check_documents(user.user_type, documents, new_york_day(broker.now()), broker.config)
    _check_custodian(broker, user.user_type, documents)
    changed = [type_ for type_ in documents if documents[type_] != user.documents.get(type_)]
    user.documents, user.updated = documents, broker.now()
    broker.publish(
        "users.updated",
        {"userID": user.id, "previous": {}, "current": {"documents": changed}},
    )
    if user.kyc_status not in (kyc.APPROVED, kyc.DENIED):
        kyc.submit(broker, user)
    return _flat_json(user)


def list_accounts(broker: Broker, call: Call) -> list[dict[str, Any]]:
    """Return a user's accounts; here the types are plain strings, unlike anywhere else."""
    user = broker.user(call.path["user_id"])
    return [
        {
            "id": account.id,
            "accountNo": account.number,
            "accountType": "LIVE",
            "accountManagementType": account.management_type,
            "status": _named(account.status),
            "tradingType": _named(account.trading_type),
            "nickname": account.nickname,
            "userID": user.id,
            "createdWhen": iso(account.created),
        }
        for account in broker.accounts.where("user_id", user.id)
    ]


def _check_custodian(
    broker: Broker, user_type: str, documents: Mapping[str, Mapping[str, Any]]
) -> None:
    if user_type != CHILD:
        if "CUSTODIAN_INFO" in documents:
            raise Refusal("E033").naming("documents", "ARRAY", "an adult has no custodian")
        return
    custodian = broker.user(documents["CUSTODIAN_INFO"]["userID"])
    if custodian.user_type != ADULT:
        raise Refusal("E033").naming("userID", "UUID", "a custodian is an adult user")


def _created_json(user: User) -> dict[str, Any]:
    """Return what POST answers. Like the vendor's, it repeats every document it was sent."""
    return {
        "id": user.id,
        "userType": {"name": user.user_type, "description": USER_TYPES[user.user_type]},
        "status": _named(user.status),
        "parentIBID": {"id": "sandbox", "name": "Sandbox Partner"},
        "documents": [{"type": type_, "data": data} for type_, data in user.documents.items()],
        "wlpID": "SBX",
        "referralCode": user.id[:6].upper(),
        "metadata": user.metadata,
        "createdWhen": iso(user.created),
        "updatedWhen": iso(user.updated),
    }


def _flat_json(user: User) -> dict[str, Any]:
    """Return what GET and PATCH answer: flattened and spelled differently, as the vendor does."""
    address, disclosures = user.documents["ADDRESS_INFO"], user.documents.get("DISCLOSURES", {})
    return {
        "id": user.id,
        "username": user.username or None,
        "firstName": user.basic["firstName"],
        "lastname": user.basic["lastName"],
        "email": user.basic.get("emailAddress"),
        "phone": user.basic.get("phone"),
        "languageID": user.basic.get("language", "en_US"),
        "addressLine1": address["street1"],
        "addressLine2": address.get("street2"),
        "city": address["city"],
        "stateProvince": address["province"],
        "zipPostalCode": address["postalCode"],
        "countryID": address["country"],
        "dob": user.born.isoformat(),
        "idNo": user.masked_number,
        "citizenship": user.documents["IDENTIFICATION_INFO"]["citizenship"],
        "employementStatus": user.documents.get("EMPLOYMENT_INFO", {}).get("status"),
        "ackSignedBy": disclosures.get("signedBy"),
        "ackCustomerAgreement": disclosures.get("customerAgreement"),
        "custodianUserID": user.custodian_id or None,
        "status": _named(user.status),
        "userType": {"name": user.user_type, "description": USER_TYPES[user.user_type]},
        "metadata": user.metadata,
        "createdWhen": iso(user.created),
        "updatedWhen": iso(user.updated),
    }


def _named(name: str) -> dict[str, str]:
    return {"name": name, "description": name.replace("_", " ").capitalize()}
