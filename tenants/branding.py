"""Colours people can read: the contrast of text on a ground, by WCAG 2.2."""

import re

READABLE = 4.5  # level AA for text of ordinary size (success criterion 1.4.3)
HEX = re.compile(r"#[0-9a-f]{6}", re.ASCII)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21.

    :param one: `#rrggbb`
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def is_readable(text: str, ground: str) -> bool:
    """Say whether text of ordinary size can be read on that ground (level AA)."""
    return contrast(text, ground) >= READABLE


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
