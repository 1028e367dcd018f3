"""Whether a file is a picture or a PDF somebody can read, told in words for whom it is not."""

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.uploads import LARGEST_FILE

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

PNG, JPEG, PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"
# ISO/IEC 23008-12: what the first box of a file of an iPhone's camera calls itself.
PHONES_OWN = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"}
LEAST_LONG, LEAST_SHORT = 600, 350  # pixels of a side; less of a card can not be read
MOST_PIXELS = 120_000_000
END_OF_PDF = 2048  # bytes at the end among which the mark stands


def find_fault(content: bytes) -> str:
    """Return what is wrong with a file and what to do; empty where nothing is.

    The first bytes count, not what the file is called. A picture is looked through to its end.
    """
    if not content:
        return _("This file is empty. Choose the picture again.")
    if len(content) > LARGEST_FILE:
        return _("This file is larger than 10 MB. Take a smaller picture.")
    if content[4:8] == b"ftyp" and content[8:12] in PHONES_OWN:
        return _(
            "This is a picture in an iPhone's own format (HEIC), which the broker can not open. On "
            "the iPhone set Settings, Camera, Formats to “Most Compatible” and take it again, or "
            "choose it from Photos on the phone itself. On a computer open it and save it as JPEG."
        )
    if content.startswith(PDF):
        return _find_fault_of_pdf(content)
    if not content.startswith((PNG, JPEG)):
        return _("Send a photo (JPEG or PNG) or a PDF.")
    return _find_fault_of_picture(content)


def _find_fault_of_pdf(content: bytes) -> str:
    if b"/Encrypt" in content:
        return _("This PDF is locked with a password. Save it without one, or send a photo.")
    if b"%%EOF" not in content[-END_OF_PDF:] or b"obj" not in content:
        return _("This PDF is not whole. Save it again, or send a photo.")
    return ""


def _find_fault_of_picture(content: bytes) -> str:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
                if fault := _find_fault_of_size(*picture.size):
                    return fault
                if picture.format == "PNG" and getattr(picture, "is_animated", False):
                    return _("This picture moves. Send a still photo.")
                _look_through(picture)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return _too_large()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        return _("This picture is not whole. Take it again, or choose another one.")
    return ""


def _find_fault_of_size(width: int, height: int) -> str:
    if width * height > MOST_PIXELS:
        return _too_large()
    if max(width, height) < LEAST_LONG or min(width, height) < LEAST_SHORT:
        return _(
            "This picture is too small to read (%(width)d × %(height)d pixels). Take a new one, "
            "close enough that the ID fills it."
        ) % {"width": width, "height": height}
    return ""


def _look_through(picture: "Picture") -> None:
    """Read a picture to its end, a JPEG at an eighth of its size, a PNG by its check sums."""
    if picture.format == "PNG":
        picture.verify()
    else:
        picture.draft("L", (picture.width // 8, picture.height // 8))
        picture.load()


def _too_large() -> str:
    return _("This picture has too many pixels. Take it with the phone's ordinary camera.")
