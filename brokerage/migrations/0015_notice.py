import uuid

import django.db.models.deletion
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_sign_in_safety"),
        ("brokerage", "0014_company_actions"),
    ]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="kind",
            field=models.CharField(
                choices=[
                    ("RETURN_LOSS", "Money went back after shares were bought"),
                    ("RETURN_RISK", "A return that must be looked into"),
                    ("BREAK", "Our books and the broker's differ"),
                    ("MOVEMENT", "The broker booked something unexplained"),
                    ("PARKED", "Work that failed time and again"),
                    ("IDENTITY", "A person's identity"),
                    ("ACCOUNT", "An account the broker restricted"),
                    ("CONTACT", "A trusted contact the broker did not take"),
                    ("NUMBER", "A tax number given by two families"),
                    ("OWNER", "A bank account in another name"),
                    ("LOST", "Whether the broker got what we asked for"),
                    ("ACTION", "What shares cost after a company's action"),
                    ("ODD", "The broker sent something we can not read"),
                    ("PAPER", "Papers to be sent by mail"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("next_step_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                (
                    "attempts",
                    models.PositiveIntegerField(
                        db_default=0, default=0, help_text="Failed tries since the last success"
                    ),
                ),
                (
                    "failures",
                    models.PositiveIntegerField(
                        db_default=0, default=0, help_text="Those of them that no outage explains"
                    ),
                ),
                (
                    "trouble",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="Why the last try failed",
                        max_length=200,
                    ),
                ),
                (
                    "parked_at",
                    models.DateTimeField(
                        blank=True, help_text="Given up until a person wakes it", null=True
                    ),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ACCOUNT_OPENED", "An account is open"),
                            ("ACCOUNT_LIMITED", "The broker limited an account"),
                            ("ACCOUNT_CLOSED", "An account is closed"),
                            ("BANK_HELD", "A bank account is looked at"),
                            ("BANK_ACCEPTED", "A bank account was accepted"),
                            ("BANK_REFUSED", "A bank account was refused"),
                            ("BANK_ENDED", "A bank account is debited no more"),
                            ("DEBITS_PAUSED", "Transfers are paused"),
                            ("DEBITS_RESUMED", "Transfers go on"),
                            ("E_SIGN_ENDED", "Electronic records are ended"),
                            ("FROM_STAFF", "Staff write about a case"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "about",
                    models.CharField(help_text="app.model:id of what it is about", max_length=100),
                ),
                (
                    "occasion",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="What tells it from one sent before",
                        max_length=40,
                    ),
                ),
                (
                    "said",
                    core.fields.EncryptedTextField(
                        blank=True, default="", help_text="Words that differ each time"
                    ),
                ),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="accounts.parent",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "about", "occasion"), name="notice_once"
                    )
                ],
            },
        ),
    ]
