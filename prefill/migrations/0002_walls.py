"""Prefill's tables behind the wall between tenants."""

from django.db import migrations

from tenants.walls import ROLE, wall

ALL = "SELECT, INSERT, UPDATE, DELETE"
TABLES = {
    "prefill_applicant": "SELECT, INSERT, UPDATE",
    "prefill_applicantconsent": "SELECT, INSERT",
    "prefill_rung": ALL,
    "prefill_phonesession": "SELECT, INSERT, UPDATE",
    "prefill_linksession": "SELECT, INSERT, UPDATE",
    "prefill_plaiditem": "SELECT, INSERT, UPDATE",
    "prefill_plaidaccount": ALL,
    "prefill_plaidtransaction": ALL,
    "prefill_rawimport": ALL,
    "prefill_fieldvalue": ALL,
    "prefill_fieldtally": "SELECT, INSERT, UPDATE",
    "prefill_heldssn": ALL,
}
SEQUENCE = "prefill_fieldtally_id_seq"


class Migration(migrations.Migration):
    dependencies = [("prefill", "0001_initial"), ("tenants", "0004_walls")]
    operations = [
        *(wall(table, rights=rights) for table, rights in TABLES.items()),
        migrations.RunSQL(
            f"GRANT USAGE ON SEQUENCE {SEQUENCE} TO {ROLE};",
            f"REVOKE ALL ON SEQUENCE {SEQUENCE} FROM {ROLE};",
        ),
    ]
