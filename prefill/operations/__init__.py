"""Every write about applicants, their phones, their banks and what is known of them."""

from prefill.operations.applicants import (
    change_applicant,
    get_own_applicant,
    lock_applicant,
    make_applicant,
)
from prefill.operations.erasure import advance_applicant, erase_applicant
from prefill.operations.events import advance_event
from prefill.operations.held_ssn import get_held_last4, take_held_ssn
from prefill.operations.imports import (
    import_raw,
    process_import,
    reprocess_import,
    write_values,
)
from prefill.operations.items import (
    advance_item,
    create_processor_token,
    import_item,
    remove_item,
)
from prefill.operations.link_ends import FinishedLink, finish_link, finish_repair
from prefill.operations.links import (
    StartedLink,
    get_own_redirect_uri,
    note_link_event,
    reopen_link,
    start_link,
)
from prefill.operations.movements import sync_movements
from prefill.operations.owners import get_owner_names
from prefill.operations.phone_codes import confirm_phone
from prefill.operations.phone_proofs import mark_phone_proven
from prefill.operations.phones import check_phone, read_phone, start_phone
from prefill.operations.refusals import VendorAway
from prefill.operations.resume import get_resume_link, make_resume_link, use_resume_link
from prefill.operations.skips import skip_layer
from prefill.operations.superseded import end_sharing
from prefill.operations.trials import start_trial
from prefill.operations.values import edit_prefill, get_prefill, show_prefill

__all__ = [
    "FinishedLink",
    "StartedLink",
    "VendorAway",
    "advance_applicant",
    "advance_event",
    "advance_item",
    "change_applicant",
    "check_phone",
    "confirm_phone",
    "create_processor_token",
    "edit_prefill",
    "end_sharing",
    "erase_applicant",
    "finish_link",
    "finish_repair",
    "get_held_last4",
    "get_own_applicant",
    "get_own_redirect_uri",
    "get_owner_names",
    "get_prefill",
    "get_resume_link",
    "import_item",
    "import_raw",
    "lock_applicant",
    "make_applicant",
    "make_resume_link",
    "mark_phone_proven",
    "note_link_event",
    "process_import",
    "read_phone",
    "remove_item",
    "reopen_link",
    "reprocess_import",
    "show_prefill",
    "skip_layer",
    "start_link",
    "start_phone",
    "start_trial",
    "sync_movements",
    "take_held_ssn",
    "use_resume_link",
    "write_values",
]
