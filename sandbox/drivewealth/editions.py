"""What differs between the editions of the vendor's description.

NEWEST is of August 2026; OLDER is the one before, whose requests some partners still write. Only
the newest knows COMPLIANCE_AML_INFO and the trusted contact of an account; only the older requires
a language and the word whether somebody pays taxes in the United States beside their number.
"""

from __future__ import annotations

NEWEST = "2026-08-26"
OLDER = "1.0"
EDITIONS = (NEWEST, OLDER)

FUNDING_SOURCES = (
    "EMP", "GIFT", "TRUST", "INVESTMENT", "SAVINGS", "RETIRE", "GAMBLING", "LEGAL", "FAMILY",
    "UNEMP", "ROLLOVER", "RENT", "SALE", "INSURANCE",
)  # fmt: skip
POSITIONS = (
    "ACCOUNTANT", "ACTUARY", "ADJUSTER", "ADMINISTRATOR", "ADVERTISER", "AGENT", "ATC",
    "AMBASSADOR", "ANALYST", "APPRAISER", "ARCHITECT", "ARTIST", "ASSISTANT", "ATHLETE",
    "ATTENDANT", "ATTORNEY", "AUCTIONEER", "AUDITOR", "BARBER", "BROKER", "BUSINESS_EXEC",
    "BUSINESS_OWNER", "CAREGIVER", "CARPENTER", "CASHIER", "CHEF", "CHIROPRACTOR", "CIVIL",
    "CLERGY", "CLERK", "COMPLIANCE", "CONSULTANT", "CONTRACTOR", "COUNSELOR", "CUSTOMER_SERVICE",
    "DEALER", "DEVELOPER", "DISTRIBUTOR", "DOCTOR", "DRIVER", "ENGINEER", "EXAMINER",
    "EXTERMINATOR", "FACTORY", "FARMER", "FINANCIAL", "FISHERMAN", "FLIGHT", "HR", "IMPEX",
    "INSPECTOR", "INTERN", "INVESTMENT", "INVESTOR", "IT", "JANITOR", "JEWELER", "LABORER",
    "LANDSCAPER", "LENDING", "MANAGER", "MECHANIC", "MILITARY", "MORTICIAN", "NURSE",
    "NUTRITIONIST", "OFFICE", "PHARMACIST", "PHYSICAL", "PILOT", "POLICE", "POLITICIAN", "PM",
    "REP", "RESEARCHER", "SAILOR", "SALES", "SCIENTIST", "SEAMSTRESS", "SECURITY", "SOCIAL",
    "TEACHER", "TECHNICIAN", "TELLER", "TRADESPERSON", "TRAINER", "TRANSPORTER", "UNDERWRITER",
    "WRITER",
)  # fmt: skip
