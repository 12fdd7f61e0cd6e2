"""A QR code as part of the page: no file, no style and no script of its own."""

import segno
from markupsafe import Markup

QUIET = 4  # modules around it: ISO/IEC 18004 asks for four


def picture(text: str) -> Markup:
    """Return a text as an SVG element, dark on light in every colour scheme: some apps read no other."""
    code = segno.make(text, error="m", micro=False)
    # What segno writes holds nothing of the text but its modules.
    return Markup(code.svg_inline(border=QUIET, dark="#000", light="#fff", omitsize=True))  # noqa: S704
