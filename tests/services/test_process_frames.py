"""What crosses between two processes arrives as it was, and half a message is none."""

import io
import math
from pathlib import Path

import pytest

from workbench.core.records import Points
from workbench.core.states import LogLevel
from workbench.services.targets.frames import pack, read_frame, unpack, write_frame


def _sent(arguments):
    pipe = io.BytesIO()
    values, body = pack(arguments)
    write_frame(pipe, {"kind": "call", "arguments": values}, body)
    pipe.seek(0)
    frame = read_frame(pipe)
    return unpack(frame.head["arguments"], frame.body)


def test_plain_values_paths_and_levels_keep_their_types():
    arguments = ["text é", 7, 0.1, None, True, Path("/a folder/\udcff"), LogLevel.WARNING, ["a", 1]]
    found = _sent([*arguments, {"loss": 0.5, "path": Path("x")}])
    assert found == [*arguments, {"loss": 0.5, "path": Path("x")}]
    assert [type(value) for value in found[:7]] == [type(value) for value in arguments[:7]]
    assert math.isnan(_sent([math.nan])[0])


def test_points_arrive_to_the_bit_and_what_is_no_value_is_refused():
    points = {
        "train/loss": Points([1, 2, 2**40], [0.1, math.nan, -math.inf], [0.0, 1e-9, 3.3]),
        "none": Points([], [], []),
        "validation/loss": Points([3], [1 / 3], [9.0]),
    }
    found, epoch = _sent([points, 4])
    assert epoch == 4
    for name, expected in points.items():
        for column in ("steps", "values", "times_s"):
            assert list(map(repr, getattr(found[name], column).tolist())) == list(
                map(repr, getattr(expected, column))
            )
    with pytest.raises(TypeError, match="set cannot cross"):
        pack([{1, 2}])


def test_a_message_that_was_cut_off_is_no_message():
    pipe = io.BytesIO()
    write_frame(pipe, {"kind": "call"}, b"body")
    whole = pipe.getvalue()
    for size in (0, 3, 12, 15, len(whole) - 1):
        assert read_frame(io.BytesIO(whole[:size])) is None
    assert read_frame(io.BytesIO(whole)).body == b"body"
