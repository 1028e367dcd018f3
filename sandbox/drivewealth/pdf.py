"""A PDF of one page of plain text, written by hand: enough for a statement to be a real file."""

from __future__ import annotations

from collections.abc import Sequence

LINES_A_PAGE = 64
CHARACTERS_A_LINE = 92
# US letter, in points; Courier's characters are all 0.6 of the size wide.
PAGE = "0 0 612 792"
START = "50 748"
SIZE, LEADING = 9, 11


def one_page(lines: Sequence[str]) -> bytes:
    """Return the lines as a PDF; what does not fit on one page is counted on its last line."""
    text = _page_text(lines)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [{PAGE}] /Contents 5 0 R"
        " /Resources << /Font << /F1 4 0 R >> >> >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    ]
    body, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    count = len(objects) + 1
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer


def _page_text(lines: Sequence[str]) -> bytes:
    shown = list(lines[:LINES_A_PAGE])
    if len(lines) > LINES_A_PAGE:
        shown[-1] = f"... and {len(lines) - LINES_A_PAGE + 1} more lines"
    rows = b"".join(b"(%s) Tj T*\n" % _escaped(line) for line in shown)
    return f"BT /F1 {SIZE} Tf {LEADING} TL {START} Td\n".encode() + rows + b"ET"


def _escaped(line: str) -> bytes:
    text = line[:CHARACTERS_A_LINE].encode("cp1252", errors="replace")
    return text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
