"""Every word DriveWealth documents for what it answers and tells, by vocabulary.

Sources: its developer site of 2026-08 (as kept in GitHub javeed-321/documentationai-manual, commit
dc337648e2df), page by page below; its OpenAPI 3.0.2 (GitHub api-evangelist/drivewealth, commit
d678db6bb640), `reference` below. A test demands that each has an end of ours.
"""

from __future__ import annotations

# apis/reference/enums.mdx, User Status
USERS = ("PENDING", "APPROVED", "REVOKED", "CLOSED")
# apis/reference/enums.mdx, Account Status: the word and its number
ACCOUNTS = {"PENDING": 1, "OPEN": 2, "OPEN_NO_NEW_TRADES": 3, "FROZEN": 4, "CLOSED": 9}
# apis/docs/customer-verification.mdx; reference: GET /users/{userID}/kyc-status
KYC = (
    "KYC_NOT_READY", "KYC_READY", "KYC_PROCESSING", "KYC_APPROVED", "KYC_INFO_REQUIRED",
    "KYC_DOC_REQUIRED", "KYC_MANUAL_REVIEW", "KYC_DENIED",
)  # fmt: skip
# apis/reference/errors.mdx, KYC Document Errors and KYC Non-Document Errors
KYC_ERRORS = {
    "K001": "AGE_VALIDATION", "K002": "POOR_PHOTO_QUALITY", "K003": "POOR_DOC_QUALITY",
    "K004": "SUSPECTED_DOCUMENT_FRAUD", "K005": "INCORRECT_SIDE", "K006": "NO_DOC_IN_IMAGE",
    "K007": "TWO_DOCS_UPLOADED", "K008": "EXPIRED_DOCUMENT", "K009": "MISSING_BACK",
    "K010": "UNSUPPORTED_DOCUMENT", "K011": "DOB_NOT_MATCH_ON_DOC",
    "K012": "NAME_NOT_MATCH_ON_DOC", "K050": "INVALID_DOCUMENT", "K101": "ADDRESS_NOT_MATCH",
    "K102": "SSN_NOT_MATCH", "K103": "DOB_NOT_MATCH", "K104": "NAME_NOT_MATCH",
    "K106": "SANCTION_WATCHLIST", "K107": "SANCTION_OFAC", "K108": "INVALID_PHONE_NUMBER",
    "K109": "INVALID_EMAIL_ADDRESS", "K110": "INVALID_NAME_TOO_LONG",
    "K111": "UNSUPPORTED_COUNTRY", "K801": "AGED_ACCOUNT", "K802": "ACCOUNT_INTEGRITY",
    "U999": "UNKNOWN",
}  # fmt: skip
# reference: bankAccountStatus
BANKS = ("ACTIVE", "DISABLED", "DELETED")
# reference: POST /documents; the D2xx codes of apis/reference/errors.mdx say the same
DOCUMENTS = ("NOT_SUBMITTED", "PENDING", "APPROVED", "REJECTED")
# apis/reference/enums.mdx, Deposit Status; apis/reference/deposit-status.mdx
DEPOSITS = {
    "STARTED": 0, "PENDING": 1, "SUCCESSFUL": 2, "FAILED": 3, "OTHER": 4, "RETURNED": 5,
    "APPROVED": 14, "REJECTED": 15, "ON_HOLD": 16, "PROCESSING": 17, "-": -1,
}  # fmt: skip
# apis/reference/redemption-status.mdx; nothing of ours asks for one
REDEMPTIONS = {
    "STARTED": 0, "PENDING": 1, "SUCCESSFUL": 2, "FAILED": 3, "OTHER": 4, "RIA_PENDING": 11,
    "RIA_APPROVED": 12, "RIA_REJECTED": 13, "APPROVED": 14, "REJECTED": 15, "ON_HOLD": 16, "-": -1,
}  # fmt: skip
# apis/reference/enums.mdx, Order Status
ORDERS = {
    "NEW": "0", "PARTIAL_FILL": "1", "FILL": "2", "CANCELED": "4", "PENDING_CANCEL": "6",
    "REJECTED": "8", "SUSPENDED": "9", "PENDING_NEW": "A", "CALCULATED": "B", "EXPIRED": "C",
}  # fmt: skip
# reference: orderStatus (FILLED), and the numbers of PendingOrders of which no page tells the word
MORE_ORDERS = ("FILLED", "3", "7")
# reference: finTranTypeID; apis/docs/showing-historical-transactions.mdx
ENTRIES = (
    "CSR", "CSD", "FEE", "JNLC", "CADJ", "INT", "SPUR", "SSAL", "MERGER_ACQUISITION", "DIV",
    "DIVTAX", "DIVNRA", "STCK", "COMM", "SPINOFF", "STOCK_SPLIT", "ACATS_CASH", "ACATS_STOCK",
    "CCPUR", "CCSAL", "SLIP", "DIVM", "PTP_WITHHOLDING",
)  # fmt: skip
# reference: instrumentStatus; apis/reference/enums.mdx, Instrument Status
INSTRUMENTS = ("ACTIVE", "INACTIVE", "CLOSE_ONLY", "HALTED", "EXPIRED")
# apis/reference/*-events.mdx, each page's samples; kept in two generations where there are two
EVENTS = (
    "users.created", "users.updated", "user.inforequired.created", "kyc.created", "kyc.updated",
    "accounts.created", "accounts.updated", "accounts.commission.updated",
    "orders.created", "orders.updated", "orders.completed",
    "deposits.created", "deposits.updated", "redemptions.created", "redemptions.updated",
    "transactions.created", "positions.updated",
    "bankAccounts.created", "bankAccount.created", "bankAccounts.updated", "bankAccounts.deleted",
    "instruments.created", "instruments.updated",
    "statements.created", "tradeconfirms.created", "taxforms.created", "documents.created",
    "violations.created", "violations.removed",
    "account.exclusions.created", "account.exclusions.updated", "account.exclusions.deleted",
    "settlements.created", "settlements.updated", "settlements.completed",
    "reports.instantFundingSettlement.created", "reports.instantFundingSettlement.updated",
    "reports.instantFundingSettlement.completed",
    "reconciliations.created", "reconciliations.updated", "reconciliations.completed",
    "transfers.cancelRebill.created", "transfers.cancelRebill.updated",
    "transfers.cancelRebill.completed",
    "assets.transfer.created", "assets.transfer.updated", "assets.transfer.completed",
    "entity.created", "entity.updated",
    "mam.allocationlist.accepted", "mam.allocationlist.processing", "mam.allocationlist.complete",
    "mam.allocationlist.rejected",
)  # fmt: skip
# apis/reference/errors.mdx, table by table; O105 and O125 stand in samples of orders.completed
ERRORS = {
    "account": (
        "A010", "A011", "A012", "A013", "A015", "A020", "A035", "A044", "A045", "A047", "A050",
        "A051", "A055", "A062", "A063", "A065", "A071", "A072", "A100", "AC001", "AC002", "AC003",
    ),
    "beneficiary": ("B001", "B050"),
    "commission": ("C010",),
    "document": (
        "D001", "D011", "D050", "D100", "D200", "D201", "D202", "D203", "D204", "D205",
    ),
    "request": (
        "E005", "E006", "E010", "E015", "E020", "E025", "E030", "E031", "E032", "E033", "E035",
        "E040", "E050", "E075", "E090", "E099", "E100", "E101",
    ),
    "header": (
        "H050", "H055", "H060", "H065", "H070", "H075", "H080", "H081", "H082", "H085", "H090",
        "H100",
    ),
    "instrument": (
        "I010", "I011", "I012", "I013", "I014", "I015", "I016", "I017", "I018", "I019", "I050",
    ),
    "idempotency": ("IK010", "IK025", "IK075"),
    "bank": ("K050", "K075", "K100", "K110"),
    "login": (
        "L010", "L011", "L015", "L019", "L020", "L022", "L024", "L025", "L050", "L065", "L070",
        "L075", "L090", "L100",
    ),
    "managed": ("M010", "M011", "M012", "M013"),
    "instant funding": ("N010", "N015", "N020", "N030", "N050", "N060", "N100"),
    "order": (
        "O005", "O006", "O010", "O011", "O012", "O015", "O016", "O017", "O018", "O019", "O050",
        "O098", "O099", "O105", "O123", "O124", "O125",
    ),
    "permissions": ("P020", "P045", "P050", "P075", "P087", "P088", "P090"),
    "reports": ("R010", "R011", "S100"),
    "product": ("T010", "T011", "T012", "T013"),
    "quotes": ("Q050", "Q100"),
    "user": (
        "U010", "U025", "U040", "U045", "U050", "U060", "U062", "U064", "U065", "U070", "U072",
        "U075", "U080", "U090", "U100", "U101", "U102", "U103", "U104", "U105", "U106",
    ),
    "payment": ("Y025", "Y044", "Y050", "Y051", "Y060", "Y075", "Y099"),
    "check": tuple(KYC_ERRORS),
    "bars": ("B100", "OT002", "OT003"),
    "asset transfer": ("T003", "T004", "T005"),
}  # fmt: skip
