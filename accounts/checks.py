"""System checks: what of the agreements a site must not go live with."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register

from accounts.documents import list_documents


@register(Tags.security, deploy=True)
def check_agreements(**_kwargs: Any) -> list[Error]:
    """Refuse placeholder texts where people agree to them in earnest."""
    if not settings.PRODUCTION:
        return []
    left = [one for one in list_documents() if one.is_placeholder]
    if not left:
        return []
    files = ", ".join(f"{one.slug}/{one.edition}.txt" for one in left)
    return [
        Error(
            f"These agreements are placeholders, not counsel's text: {files}.",
            hint=f"Put the texts into {settings.AGREEMENTS_FOLDER}, as docs/agreements.md says.",
            id="accounts.E001",
        )
    ]
