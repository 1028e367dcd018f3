"""The answers a KYC form offers, in our words; the broker's folder translates them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EmploymentStatus(models.TextChoices):
    EMPLOYED = "EMPLOYED", _("Employed")
    SELF_EMPLOYED = "SELF_EMPLOYED", _("Self-employed")
    RETIRED = "RETIRED", _("Retired")
    STUDENT = "STUDENT", _("Student")
    UNEMPLOYED = "UNEMPLOYED", _("Not working at present")


class Industry(models.TextChoices):
    AGRICULTURE = "AGRICULTURE", _("Agriculture")
    ART = "ART", _("Arts and entertainment")
    CONSTRUCTION = "CONSTRUCTION", _("Construction")
    EDUCATION = "EDUCATION", _("Education")
    FINANCE = "FINANCE", _("Finance and insurance")
    FOOD = "FOOD", _("Food and hospitality")
    HEALTH = "HEALTH", _("Health and social care")
    INFORMATION = "INFORMATION", _("Information and software")
    MANAGEMENT = "MANAGEMENT", _("Management")
    MANUFACTURING = "MANUFACTURING", _("Manufacturing")
    MINING = "MINING", _("Mining")
    PROFESSIONAL = "PROFESSIONAL", _("Professional services")
    PUBLIC = "PUBLIC", _("Public service")
    REAL_ESTATE = "REAL_ESTATE", _("Real estate")
    RETAIL = "RETAIL", _("Retail")
    TRANSPORT = "TRANSPORT", _("Transport")
    UTILITIES = "UTILITIES", _("Utilities")
    WASTE = "WASTE", _("Waste management")
    WHOLESALE = "WHOLESALE", _("Wholesale")


class Experience(models.TextChoices):
    NONE = "NONE", _("None yet")
    YEARS_1_2 = "YEARS_1_2", _("1 to 2 years")
    YEARS_3_5 = "YEARS_3_5", _("3 to 5 years")
    YEARS_5_10 = "YEARS_5_10", _("5 to 10 years")
    YEARS_10_UP = "YEARS_10", _("More than 10 years")


class RiskTolerance(models.TextChoices):
    LOW = "LOW", _("Low: I prefer small ups and downs")
    MODERATE = "MODERATE", _("Moderate")
    HIGH = "HIGH", _("High: I can wait through large falls")


class Relationship(models.TextChoices):
    """What a trusted contact is to the customer."""

    SPOUSE = "SPOUSE", _("Spouse or partner")
    PARENT = "PARENT", _("Parent")
    SIBLING = "SIBLING", _("Brother or sister")
    CHILD = "CHILD", _("Grown-up child")
    RELATIVE = "RELATIVE", _("Another relative")
    FRIEND = "FRIEND", _("Friend or neighbor")
    ADVISER = "ADVISER", _("Lawyer, accountant or adviser")
    OTHER = "OTHER", _("Somebody else")


class Objective(models.TextChoices):
    GROWTH = "GROWTH", _("Growth over many years")
    INCOME = "INCOME", _("Income")
    CAPITAL_PRESERVATION = "CAPITAL_PRESERVATION", _("Keeping what is there")
