"""Worker process that decodes foreign audio, so that a crash in native code costs one file.

Started as `python -m workbench.datasets.sound_decoder RATE`. It speaks as the decoder of pictures does:
`width` is the number of samples wanted, `channels` the 2 bytes of each, and height 0 asks for the header
alone. An answer's width is the length of the whole file in samples at RATE, its height the rate in the file,
`grey` says that it is silent; its body holds `width` wanted samples, int16, little-endian, filled up with 0.
"""

import contextlib
import hashlib
import io
import math
import os
import re
import signal
import sys
from collections.abc import Iterable
from typing import Any, BinaryIO

import numpy as np
import soundfile

from workbench.datasets.decoder import (
    DONE,
    FAILED,
    FRAME,
    Answer,
    UnreadableError,
    _requests,
    _send,
    asked,
    open_file,
    silence_output,
)
from workbench.datasets.ogg_flac import is_ogg_flac, unwrapped

_DAMAGED = "is damaged or cut off, so it cannot be decoded"
_UNKNOWN = 1 << 40  # more frames than any file has: the header does not say how many
_ENDLESS = 0x7FFF_0000  # bytes that the header of a stream claims at least
_SILENT = 4  # of 32,768: -78 dB
_FOREIGN = {
    (4, b"ftyp"): "AAC or MP4",
    (0, b"\x1aE\xdf\xa3"): "WebM or Matroska",
    (0, b"0&\xb2u"): "WMA",
    (28, b"Speex"): "Speex",
}


def decode(path: str, rate: int, samples: int) -> Answer:
    """Return the beginning of a file as mono samples at a rate.

    Args:
        path: The file; its content says what it is, not its name.
        rate: Samples a second wanted.
        samples: How many are wanted; 0 returns the length alone.

    Raises:
        UnreadableError: There is no audio in it that can be decoded.
    """
    with _opened(path) as file:
        native, frames = int(file.samplerate), int(file.frames)
        if native < 1 or frames < 1:
            raise UnreadableError("has no samples")
        if _is_short(file.extra_info):
            raise UnreadableError(_DAMAGED)
        length = min(math.ceil(frames * rate / native), (1 << 32) - 1)
        if samples == 0:
            return Answer(DONE, False, length, native, b"", b"")
        wanted = min(frames, math.ceil(samples * native / rate) + native // 100)
        heard = file.read(wanted, dtype="float32", always_2d=True).mean(axis=1)
    if len(heard) < wanted and frames < _UNKNOWN:
        raise UnreadableError(_DAMAGED)
    if not np.isfinite(heard).all():
        raise UnreadableError("has samples that are no numbers")
    wave = np.rint(_resampled(heard, native, rate)[:samples].clip(-1, 1) * 32767).astype("<i2")
    digest = hashlib.blake2b(wave.tobytes(), digest_size=16, key=b"%d %d" % (native, frames)).digest()
    silent = bool(np.abs(wave).max(initial=0) < _SILENT)
    return Answer(DONE, silent, length, native, digest, wave.tobytes().ljust(2 * samples, b"\0"))


def _is_short(notes: str) -> bool:
    """Return whether a file is shorter than its header says, by what libsndfile notes of each part of it.

    A program that writes into a pipe cannot know the length: it leaves the largest there is, about 2 or 4 GB.
    The length of the whole, RIFF, says nothing where that of the samples is right.
    """
    told = re.findall(r"^ *(\w+) *: (\d+) \(should be", notes, re.MULTILINE)
    return any(name != "RIFF" and int(length) < _ENDLESS for name, length in told)


def _resampled(wave: Any, native: int, rate: int) -> Any:
    if native == rate:
        return wave
    from scipy.signal import resample_poly

    shared = math.gcd(native, rate)
    return resample_poly(wave, rate // shared, native // shared)


def _opened(path: str) -> Any:
    descriptor, _ = open_file(path)
    try:
        head = os.read(descriptor, 64)
        os.lseek(descriptor, 0, os.SEEK_SET)
        if is_ogg_flac(head):
            with os.fdopen(descriptor, "rb") as file:
                return soundfile.SoundFile(io.BytesIO(unwrapped(file.read())))
        return soundfile.SoundFile(descriptor)
    except ValueError as error:
        raise UnreadableError(_DAMAGED) from error
    except soundfile.LibsndfileError as error:
        with contextlib.suppress(OSError):  # closed already, or not
            os.close(descriptor)
        if "ormat not recognised" in str(error):
            raise UnreadableError(_foreign(head)) from error
        raise UnreadableError(_foreign(head) if head[28:33] == b"Speex" else _DAMAGED) from error


def _foreign(head: bytes) -> str:
    """Return why a file is not read, by how it begins."""
    name = next((word for (at, sign), word in _FOREIGN.items() if head[at:].startswith(sign)), "")
    if name:
        return f"is {name}, which is not read here: save it as WAV or FLAC first"
    return "is not audio (WAV, FLAC, OGG, MP3 or AIFF), whatever its name says"


def answer(path: str, rate: int, samples: int) -> Answer:
    """Return `decode`'s answer; whatever goes wrong becomes a reason."""
    try:
        return decode(path, rate, samples)
    except UnreadableError as error:
        reason = str(error)
    except MemoryError:
        reason = "needs more memory than this computer has free"
    except Exception:  # noqa: BLE001 - a foreign file can raise anything inside a decoder
        reason = _DAMAGED
    return Answer(FAILED, False, 0, 0, b"", reason.encode())


def serve(requests: Iterable[bytes], out: BinaryIO, rate: int) -> None:
    """Answer requests until they end, file by file."""
    for request in requests:
        paths, order = asked(request)
        samples = order.width if order.height else 0
        for path in paths:
            found = answer(path, rate, samples)
            _send([found], len(found.body), out)


def main() -> None:
    """Serve on stdin and stdout until the parent closes them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to decide
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    silence_output()
    with contextlib.suppress(BrokenPipeError):
        out.write(FRAME.pack(0, 0))  # ready
        out.flush()
        serve(_requests(sys.stdin.buffer), out, int(sys.argv[1]))
    os._exit(0)


if __name__ == "__main__":
    main()
