"""Every write about applicants, their phones, their banks and what is known of them."""

from prefill.operations.applicants import (
    change_applicant,
    get_own_applicant,
    lock_applicant,
    make_applicant,
)
from prefill.operations.imports import (
    import_raw,
    process_import,
    reprocess_import,
    write_values,
)
from prefill.operations.phone_codes import confirm_phone
from prefill.operations.phone_proofs import mark_phone_proven
from prefill.operations.phones import read_phone, start_phone
from prefill.operations.trials import start_trial
from prefill.operations.values import edit_prefill, get_prefill, show_prefill

__all__ = [
    "change_applicant",
    "confirm_phone",
    "edit_prefill",
    "get_own_applicant",
    "get_prefill",
    "import_raw",
    "lock_applicant",
    "make_applicant",
    "mark_phone_proven",
    "process_import",
    "read_phone",
    "reprocess_import",
    "show_prefill",
    "start_phone",
    "start_trial",
    "write_values",
]
