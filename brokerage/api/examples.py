"""Requests and answers of nobody: numbers 555-01xx are fictional."""

from typing import Any

VERSION = "2026-11.5d2c91ab"

TRUSTED_CONTACT_IN: dict[str, Any] = {
    "firstName": "Robin",
    "lastName": "Sample",
    "relationship": "SIBLING",
    "phone": "(303) 555-0177",
    "email": "robin@example.com",
    "isAdult": True,
    "disclosureVersion": VERSION,
}
KYC_IN: dict[str, Any] = {
    "firstName": "Pat",
    "lastName": "Sample",
    "birthdate": "1985-06-15",
    "ssn": "123-45-6789",
    "phone": "(303) 555-0123",
    "street1": "1 Sample Street",
    "street2": "Unit 4",
    "city": "Denver",
    "state": "CO",
    "postalCode": "80202",
    "employmentStatus": "EMPLOYED",
    "employer": "Sample Works",
    "industry": "EDUCATION",
    "position": "TEACHER",
    "worksAtBroker": False,
    "annualIncome": 90000,
    "netWorth": 150000,
    "liquidNetWorth": 40000,
    "investmentExperience": "YEARS_1_2",
    "riskTolerance": "MODERATE",
    "objective": "GROWTH",
    "directorOf": "",
    "politicallyExposed": "",
    "consents": {
        "eSign": {"accepted": True, "textVersion": VERSION},
        "agreements": {"accepted": True, "textVersion": VERSION},
    },
    "trustedContact": TRUSTED_CONTACT_IN,
}
SPELLING_IN: dict[str, Any] = {
    "firstName": "José",
    "lastName": "O’Brien",
    "street1": "12½ Elm St.",
    "city": "St. Louis",
    "postalCode": "63101-0001",
}
SPELLING_OUT: dict[str, Any] = {
    "brokerSpelling": [
        {"field": "firstName", "written": "José", "sent": "Jose"},
        {"field": "lastName", "written": "O’Brien", "sent": "OBrien"},
        {"field": "street1", "written": "12½ Elm St.", "sent": "12 1-2 Elm St."},
        {"field": "city", "written": "St. Louis", "sent": "St Louis"},
        {"field": "postalCode", "written": "63101-0001", "sent": "63101"},
    ]
}
KYC_OUT: dict[str, Any] = {
    "status": "intended",
    "title": "Saved",
    "detail": "We are sending your answers to the broker.",
    "problems": [],
    "fixes": [],
    "allowedActions": [],
    "fieldsToCorrect": [],
    "brokerSpelling": [{"field": "lastName", "written": "O’Brien", "sent": "OBrien"}],
    "documents": [],
}
KYC_FORM: dict[str, Any] = {
    "canSubmit": True,
    "isCorrection": False,
    "sections": [
        {
            "title": "Your name",
            "text": "As on your driver's license or passport.",
            "questions": [
                {
                    "name": "firstName",
                    "label": "First name",
                    "help": "",
                    "answerType": "text",
                    "required": True,
                    "value": "Pat",
                    "source": "from Plaid",
                    "choices": [],
                }
            ],
        }
    ],
    "ssnOnFile": {"last4": "6789", "source": "from Plaid"},
    "consents": [
        {
            "name": "eSign",
            "text": "I agree to receive account documents, notices and tax forms …",
            "textVersion": VERSION,
            "agreements": [
                {
                    "slug": "e-sign",
                    "title": "Electronic records and signatures",
                    "summary": "What it means to get papers and to sign on this site …",
                    "version": VERSION,
                    "url": "https://stocksprout.example/agreements/e-sign/",
                }
            ],
        }
    ],
    "trustedContact": {
        "isAsked": True,
        "disclosure": "If you name a trusted contact, we and the broker are authorized …",
        "disclosureVersion": VERSION,
    },
}
TRUSTED_CONTACT_OUT: dict[str, Any] = {
    "status": "named",
    "answeredAt": "2026-11-16T12:00:00-05:00",
    "person": {
        "firstName": "Robin",
        "lastName": "Sample",
        "relationship": "SIBLING",
        "phone": "+13035550177",
        "email": "robin@example.com",
    },
    "disclosure": "If you name a trusted contact, we and the broker are authorized …",
    "disclosureVersion": VERSION,
    "broker": "told",
}
