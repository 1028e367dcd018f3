"""DriveWealth's refusals: a code, a sentence, and details that name the field."""

from __future__ import annotations

MESSAGES = {
    "A011": "The account identifier is not valid.",
    "A015": "The account type is not allowed for this type of user.",
    "A020": "This combination of account settings is not allowed.",
    "A035": "The user lacks what is needed to open an account.",
    "A050": "The account was not found.",
    "A051": "Account has been restricted. Check account status and notes for details.",
    "A055": "The operation is not valid for this account.",
    "D001": "The document is too large.",
    "D011": "The document's content type is not supported.",
    "D050": "The document was not found.",
    "E005": "The request is stale.",
    "E006": "The request comes from the future.",
    "E010": "The request has no body.",
    "E015": "The format is not valid.",
    "E025": "The request is malformed.",
    "E030": "Invalid or missing parameters in the URL.",
    "E032": "Invalid or missing parameters in the request body. Refer to the API documentation "
    "for details.",
    "E033": "A parameter in the request body has a value that is not allowed.",
    "E035": "The action is not supported.",
    "E050": "The resource was not found.",
    "E075": "The action was done before.",
    "E099": "The request could not be processed.",
    "H050": "Client App Key header missing.",
    "H060": "Authorization header missing.",
    "H065": "The session token is not valid.",
    "I050": "The instrument was not found.",
    "IK010": "The Idempotency-Key must have at least 16 characters.",
    "IK025": "The Idempotency-Key was used with a different request.",
    "K050": "The bank account was not found or is disabled.",
    "K075": "The bank account is not valid.",
    "K110": "The Plaid processor token is not valid.",
    "L025": "The session has expired.",
    "L050": "Invalid clientID or clientSecret.",
    "O005": "The order type is not valid.",
    "O006": "The order side is not valid.",
    "O010": "A stop order needs a price.",
    "O011": "A limit order needs a price.",
    "O015": "Exactly one of quantity and amountCash is needed, above zero.",
    "O016": "The method is not valid.",
    "O017": "A market-if-touched order needs a price.",
    "O018": "The time in force is not valid.",
    "O019": "The expiration is not valid.",
    "O050": "The order was not found.",
    "O098": "The account is not open.",
    "O099": "The order could not be processed.",
    "O123": "The order has expired.",
    "O124": "The order was cancelled for a corporate action.",
    "Q050": "No quote was found.",
    "U010": "The username is taken.",
    "U040": "A required document is missing.",
    "U050": "The user was not found.",
    "Y044": "The amount is below the minimum deposit.",
    "Y051": "The deposit was not found.",
}

STATUSES = {"H060": 401, "H065": 401, "L025": 401, "A051": 403} | dict.fromkeys(
    ("A050", "E050", "I050", "O050", "U050", "Y051"), 404
)


class Refusal(Exception):
    """A request that DriveWealth answers with an error body."""

    def __init__(self, code: str, message: str = "", status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or MESSAGES[code]
        self.status = STATUSES.get(code, 400) if status is None else status
        self.details: dict[str, str] = {}

    def naming(
        self, field: str, kind: str = "STRING", detail: str = "", allowed: str = ""
    ) -> Refusal:
        """Add the details: the field at fault, its type, what was wrong, what would be right."""
        self.details = {"field": field, "type": kind}
        if detail:
            self.details["detail"] = detail
        if allowed:
            self.details["allowedValues"] = allowed
        return self

    def body(self) -> dict[str, object]:
        body: dict[str, object] = {"errorCode": self.code, "message": self.message}
        if self.details:
            body["errorDetails"] = self.details
        return body
