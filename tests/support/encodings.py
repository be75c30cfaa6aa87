"""Bytes and their text in each encoding of the Encoding Standard, by its name in lower case.

The tables of single bytes are the standard's; those of two bytes are samples of them, with what
Python's codecs have otherwise. Both are as Chromium's TextDecoder reads them.
"""

import json
from pathlib import Path

# The characters of 0x80 to 0xFF; U+FFFD where there is none.
SINGLE_BYTES: dict[str, str] = json.loads(
    (Path(__file__).parents[1] / "data" / "single_byte_encodings.json").read_text("ascii")
)
# Whole characters, in hexadecimal.
OTHERS = {
    "gbk": ("c4e3 bac3 80 a3a0 a6d9 a8bc fe59 81308130 8136a531", "你好€\u3000︐ḿ龴\x80\u200f"),
    "gb18030": ("c4e3 bac3 80 a6d9 8139ee39 9439da33", "你好€︐㐀💩"),
    "big5": ("c163 c5e9 a4a4 a4e5 a145 a1e3 a1f2 a247 f9fe 8862", "繁體中文‧～⊕￡￭Ê\u0304"),
    "euc-jp": ("c6fc cbdc ada1 ade2 a1c1 a1f1 8eb1 8fb0a1 fcfe", "日本①№～￠ｱ丂＂"),
    "shift_jis": ("93fa 967b 8740 8782 8160 8191 b1 fa40 fc4b", "日本①№～￠ｱⅰ黑"),
    "euc-kr": ("c7d1 b1db 8141 c8fe", "한글갂힝"),
    "iso-2022-jp": (
        "1b2442 467c 4b5c 2d21 2d62 2141 1b2849 31 32 1b284a 5c 7e 1b2842 41",
        "日本①№～ｱｲ¥‾A",
    ),
    "utf-8": ("c3a9 f09f9880", "é😀"),
    "utf-16le": ("e900 3dd8 00de", "é😀"),
    "utf-16be": ("00e9 d83d de00", "é😀"),
}
REPLACED = "1b242943 0e 4751 31 5b 0f"  # Korean in ISO-2022-KR


def sample(name: str) -> tuple[bytes, str]:
    """Bytes that are whole characters of the encoding, and these."""
    if name == "replacement":
        return bytes.fromhex(REPLACED), "\ufffd"
    if name in OTHERS:
        digits, text = OTHERS[name]
        return bytes.fromhex(digits), text
    known = {0x80 + place: char for place, char in enumerate(SINGLE_BYTES[name])}
    meant = {byte: char for byte, char in known.items() if char != "\ufffd"}
    return bytes(meant), "".join(meant.values())
