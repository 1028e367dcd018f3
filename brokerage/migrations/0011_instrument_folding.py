from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

from brokerage.folding import make_terms


def fold_names(apps: Any, _editor: Any) -> None:
    """Fill the new columns, so that searches find what the next catalogue would tell anew."""
    rows = list(apps.get_model("brokerage", "Instrument").objects.only("symbol", "name"))
    for row in rows:
        terms = make_terms(row.symbol, row.name)
        row.words, row.whole, row.spellings = terms.words, terms.whole, terms.spellings
    fields = ["words", "whole", "spellings"]
    apps.get_model("brokerage", "Instrument").objects.bulk_update(rows, fields, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("brokerage", "0010_refusals_letters_and_contacts"),
    ]

    operations = [
        migrations.AddField(
            model_name="instrument",
            name="spellings",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                db_default=[],
                default=list,
                editable=False,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="instrument",
            name="whole",
            field=models.TextField(db_default="", default="", editable=False),
        ),
        migrations.AddField(
            model_name="instrument",
            name="words",
            field=models.TextField(db_default="", default="", editable=False),
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="instrument",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("words", config="simple"),
                name="instrument_words",
            ),
        ),
        migrations.AddIndex(
            model_name="instrument",
            index=models.Index(
                fields=["whole"], name="instrument_whole", opclasses=["text_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="instrument",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["spellings"], name="instrument_spellings"
            ),
        ),
        migrations.RemoveIndex(
            model_name="instrument",
            name="instrument_text",
        ),
    ]
