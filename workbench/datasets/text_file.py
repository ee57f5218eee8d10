"""Which encoding a text file is in, found by decoding all of it; nothing is ever replaced."""

import codecs
import re
from pathlib import Path

import pyarrow as pa

from workbench.core.control import CancelToken
from workbench.core.errors import DataError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = [
    "gb18030",
    "big5hkscs",
    "cp932",
    "euc_jp",
    "cp949",
    "cp1252",
    "cp1250",
    "cp1251",
    "koi8_r",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
]
_CHUNK = 4 << 20
_QUICK_CHUNK = 1 << 20  # stays in the processor's cache
_SAMPLE = 1 << 17
_HEAD = 1 << 20
_ODD_IN_WORDS = re.compile("[a-z][^\\x00-\\x7fß-ÿœšž’–”…»°²³®™]|[£¥¹¼¿³][a-zà-ÿ]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_UTF8 = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
_FREQUENT_CHINESE = re.compile(rb"(?:[\xb0-\xd7][\xa1-\xfe])+")
_KOREAN_ENDINGS = frozenset("이다는을를가에의은하고지로기사리자대도한시인어서부나정")
_SHOWN = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "gb18030": "GB18030"}


def find_encoding(source: Path, wanted: str | None, token: CancelToken, *, sure: bool = True) -> str:
    """Return the name of a codec that decodes the whole file without an error.

    Args:
        source: The file.
        wanted: The encoding that the user chose; None finds it out: byte order mark, UTF-8, statistics.
        token: Looked at between chunks.
        sure: Whether the whole file is looked at; if not, UTF-8 is told by its beginning, and whoever reads
            the file has to check the rest.

    Raises:
        DataError: It is no text, cannot be read, or is not in the wanted encoding.
        CancelledError: The token was cancelled.
    """
    try:
        with source.open("rb") as file:
            head = file.read(_SAMPLE)
        if not head:
            raise DataError(f"{source.name} is empty (0 bytes): choose a file with a header and rows.")
        if wanted is not None:
            return _checked(source, wanted, token)
        marked = next((name for mark, name in _BOMS if head.startswith(mark)), None) or _unmarked_utf16(head)
        if not sure and marked in (None, "utf-8-sig") and _begins_as_utf8(source):
            return marked or "utf-8"
        if marked:
            return _checked(source, marked, token)
        failed_at = first_problem(source, "utf-8", token)
        return "utf-8" if failed_at is None else _guess(source, failed_at, token)
    except OSError as error:
        raise DataError(f"{source} could not be read ({error.strerror}): allow reading it.") from error


def encoding_title(encoding: str) -> str:
    """Return how people call an encoding."""
    return _SHOWN.get(encoding, encoding.replace("_", "-").upper())


def first_problem(source: Path, encoding: str, token: CancelToken) -> int | None:
    """Return about where in the file, in bytes, decoding fails; None when all of it decodes.

    Raises:
        DataError: There are NUL characters: it is no text.
    """
    if encoding == "utf-8" and _is_plain_utf8(source, token):
        return None
    decoder = codecs.getincrementaldecoder(encoding)()
    place = 0
    with source.open("rb") as file:
        while True:
            token.check()
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return place + error.start
            if "\0" in text:
                raise DataError(
                    f"{source.name} contains NUL characters, so it is no text file or damaged: export "
                    "it again as CSV (UTF-8)."
                )
            if not chunk:
                return None
            place += len(chunk)


def _begins_as_utf8(source: Path) -> bool:
    with source.open("rb") as file:
        head = file.read(_HEAD)
    try:
        return "\0" not in codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False


def _is_plain_utf8(source: Path, token: CancelToken) -> bool:
    """Return whether all of a file is UTF-8 without NUL: quicker than decoding it, but says not where."""
    buffer = bytearray(_QUICK_CHUNK)
    whole, view, begin = pa.py_buffer(buffer), memoryview(buffer), 0
    with source.open("rb") as file:
        while count := file.readinto(view[begin:]):
            token.check()
            end = begin + count
            # A character may lie across the border: what is behind the last line waits for the next chunk.
            cut = buffer.rfind(b"\n", 0, end) + 1
            if not cut or buffer.find(b"\0", begin, end) >= 0:
                return False
            border = pa.array([0, cut], pa.int64()).buffers()[1]
            try:
                pa.Array.from_buffers(pa.large_binary(), 1, [None, border, whole]).cast(pa.large_string())
            except pa.ArrowInvalid:
                return False
            begin = end - cut
            buffer[:begin] = buffer[cut:end]
    try:
        buffer[:begin].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _checked(source: Path, encoding: str, token: CancelToken) -> str:
    try:
        name = codecs.lookup(encoding).name
        b"\xff".decode(name, "ignore")  # refuses codecs that are for no text, such as hex
    except (LookupError, ValueError) as error:
        raise DataError(
            f"There is no text encoding {encoding!r}: use one such as utf-8, cp1252 or gb18030."
        ) from error
    failed_at = first_problem(source, name, token)
    if failed_at is not None:
        raise DataError(
            f"{source.name} is not in {encoding_title(name)}: byte {failed_at:,} does not fit. Leave the "
            "encoding open to have it found out, or choose another."
        )
    return name


def _unmarked_utf16(head: bytes) -> str | None:
    """Return UTF-16 without a mark: Western text has a zero in every other byte."""
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    half = len(head[:4096]) // 2
    if half and odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if half and even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _looks_western(sample: bytes) -> bool:
    """Return whether high bytes stand alone among ASCII letters, and are letters there as Windows-1252.

    Statistics on few letters take `año` for Polish; Polish read as Windows-1252 has `£` and `Ÿ` in words.
    """
    runs = _HIGH.findall(sample)
    alone = sum(len(run) == 1 for run in runs)
    odd = _ODD_IN_WORDS.findall(sample.decode("cp1252", "ignore"))
    return alone >= 0.8 * len(runs) and len(odd) <= 0.1 * len(runs)


def _looks_like_short_chinese(sample: bytes) -> bool:
    """Return whether few different high bytes are pairs, all of them frequent characters of GB2312.

    So few are Korean or Chinese alike to statistics; Korean has its endings and particles everywhere.
    """
    runs = set(_HIGH.findall(sample))
    if sum(map(len, runs)) > 200 or not all(_FREQUENT_CHINESE.fullmatch(run) for run in runs):
        return False
    syllables = [letter for run in runs for letter in run.decode("cp949", "ignore")]
    return sum(letter in _KOREAN_ENDINGS for letter in syllables) < 0.2 * len(syllables)


def _guess(source: Path, failed_at: int, token: CancelToken) -> str:
    from charset_normalizer import from_bytes

    with source.open("rb") as file:
        head = file.read(_SAMPLE)
        file.seek(max(0, failed_at - _SAMPLE // 2))
        sample = head if failed_at < _SAMPLE // 2 else file.read(_SAMPLE)
    runs = set(_HIGH.findall(sample))
    valid = sum(_UTF8.fullmatch(run) is not None for run in runs)
    if valid > max(2, len(runs) / 2):
        raise DataError(
            f"{source.name} is UTF-8 but for byte {failed_at:,}, which is in another encoding or damaged: "
            "mend that place, or name the encoding."
        )
    matches = [match.encoding for match in from_bytes(sample, cp_isolation=_OTHERS, enable_fallback=False)]
    others = [name for name in matches if name != "cp1252"]
    if _looks_western(sample):
        candidates = ["cp1252", *others]
    elif _looks_like_short_chinese(sample):
        candidates = ["gb18030", *others]
    else:
        candidates = [*others, "cp1252"]
    for name in dict.fromkeys(candidates):
        if first_problem(source, name, token) is None:
            return str(name)
    raise DataError(
        f"The text encoding of {source.name} cannot be found out: name it, or save the file as UTF-8."
    )
