"""A link as a square a phone's camera reads."""

from django.utils.html import format_html
from django.utils.safestring import SafeString


def qr_svg(link: str) -> SafeString:
    """Return the QR code of a link as SVG without styles, since our CSP allows none."""
    import qrcode

    code = qrcode.QRCode(border=2, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(link)
    rows = code.get_matrix()
    path = "".join(
        f"M{x},{y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" '
        'shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0,0h{0}v{0}h-{0}z"/><path fill="#111" d="{1}"/></svg>',
        len(rows),
        path,
    )
