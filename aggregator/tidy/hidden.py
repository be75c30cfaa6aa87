"""Parts that a browser does not show: by their style, by ``hidden``, by what they are called."""

from __future__ import annotations

import re

MAY = re.compile(r"hidden|display|visibility|mso-hide|height|opacity|font-size", re.IGNORECASE)
"""Without one of these in its attributes no element is hidden."""
_STYLE = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all)(?![\w-])", re.IGNORECASE
)  # fmt: skip
# How newsletters hide what mail programs are to show beside the subject; no one of these does it alone.
_NO_HEIGHT = re.compile(r"(?:^|[;\s])(?:max-)?height\s*:\s*0(?:px|em|%)?\s*(?:!important)?\s*(?:;|$)", re.IGNORECASE)  # fmt: skip
_CUT_OFF = re.compile(r"(?:^|[;\s])overflow(?:-[xy])?\s*:\s*hidden", re.IGNORECASE)
_NO_LETTERS = re.compile(
    r"(?:^|[;\s])(?:font-size\s*:\s*0(?:px|em|pt|%)?|opacity\s*:\s*0(?:\.0+)?|line-height\s*:\s*0(?:px)?)\s*(?:!important)?\s*(?:;|$)",
    re.IGNORECASE,
)
_FOR_EARS = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader-text|screenreader(?:-only)?|assistive-text|a11y-hidden|"
    r"u-(?:hidden-visually|visually-?hidden|visuallyhidden)|offscreen|preheader|preview-?text)(?:$|\s)",
    re.IGNORECASE,
)
# What its readers unfold by a click is part of the text.
_UNFOLDED = re.compile(
    r"spoiler|toggle|collaps|accordion|(?:^|[\s_-])tabs?(?:$|[\s_-])|fold|reveal|expand|answer|solution|transcript|footnote|"
    r"read-?more|(?:^|[\s_-])more(?:$|[\s_-])|details",
    re.IGNORECASE,
)
_LONGEST_NAMES = 500  # characters of a class that are looked at


def hides(style: str) -> bool:
    """True for a ``style`` whose element and all that is in it are not shown."""
    if _STYLE.search(style):
        return True
    flat = bool(_NO_HEIGHT.search(style)) and bool(_CUT_OFF.search(style))
    return flat or bool(_NO_LETTERS.search(style))


def is_for_ears(names: str) -> bool:
    """True for classes whose text only screen readers and previews of mail are to have."""
    return len(names) <= _LONGEST_NAMES and _FOR_EARS.search(names) is not None


def is_unfolded(names: str) -> bool:
    """True for the classes and id of what is hidden until a reader asks for it."""
    return _UNFOLDED.search(names[:_LONGEST_NAMES]) is not None
