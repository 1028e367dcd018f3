import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_index_of_custodians_numbers"),
    ]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="documents",
            field=models.JSONField(
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text="The version of each document that was linked beside the text, by its slug",
            ),
        ),
        migrations.AlterField(
            model_name="consent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("E_SIGN", "Electronic records and signatures"),
                    ("BROKER", "Broker's agreements and disclosures"),
                    ("UTMA", "Custodial account"),
                    ("TEEN", "Teen account"),
                    ("ACH", "Bank debit"),
                    ("BANK_LINK", "Bank linked for debits"),
                    ("TERMS", "Terms of use and privacy notice"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("E_SIGN", "Electronic records and signatures"),
                            ("ACH", "Bank debits"),
                            ("INSTRUCTIONS", "Written instructions to find details"),
                        ],
                        max_length=12,
                    ),
                ),
                ("withdrawn_at", models.DateTimeField()),
                ("ip_address", models.GenericIPAddressField(null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawals",
                        to="accounts.parent",
                    ),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="withdrawal",
            trigger=pgtrigger.compiler.Trigger(
                name="no_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4652ab4c738388b4cf6559bdd21adf2dcf98f2c6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_no_change_b2f30",
                    table="accounts_withdrawal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="withdrawal",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'append-only: % can not be truncated', TG_TABLE_NAME;",
                    hash="60b0fcfbe141cb94360758364f6decfc8406cbba",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_98d3d",
                    table="accounts_withdrawal",
                    when="BEFORE",
                ),
            ),
        ),
    ]
