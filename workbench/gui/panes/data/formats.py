"""How encodings and separators of tables are called."""

from workbench.gui.translate import tr

_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "gb18030": "GB18030",
    "big5hkscs": "Big5-HKSCS",
    "cp932": "Shift JIS",
    "euc_jp": "EUC-JP",
    "cp949": "Korean (CP949)",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1252": "Windows-1252",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "cp1257": "Windows-1257",
    "koi8_r": "KOI8-R",
}
OFFERED_ENCODINGS = tuple(name for name in _ENCODINGS if name != "utf-8-sig")
OFFERED_SEPARATORS = (",", ";", "\t", "|")


def encoding_title(name: str) -> str:
    """Return how people call a text encoding."""
    return _ENCODINGS.get(name, name.replace("_", "-").upper())


def separator_title(character: str) -> str:
    """Return the word for a separator."""
    words = {",": tr("comma"), ";": tr("semicolon"), "\t": tr("tab"), "|": tr("bar")}
    return words.get(character, character)
