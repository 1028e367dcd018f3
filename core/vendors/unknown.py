"""Words of vendors that we do not know, told to operators once a day each."""

import structlog
from django.core.cache import cache

TELL_AGAIN = 24 * 3600  # seconds
log = structlog.get_logger()


def tell_unknown(vendor: str, word: str, **about: object) -> None:
    """Have an operator look a word up in the vendor's description; a loss of the cache tells more.

    :param word: the vendor's own, of a table of its; nothing of a person's
    """
    if cache.add(f"unknown-word:{vendor}:{word}", 1, TELL_AGAIN):
        log.error("vendor_word_unknown", vendor=vendor, word=word, **about)
