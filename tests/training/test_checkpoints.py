"""Checkpoints: whole or absent, and nothing in a foreign file is ever run."""

import contextlib
import json
import pickle
import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from tests.rules.sources import ROOT
from tests.training.samples import CASES, Watch, prepared, table, train
from workbench.core.errors import DataError, DiskError
from workbench.training.checkpoints import (
    read_checkpoint,
    trained_model,
    weights_sha256,
    write_checkpoint,
)
from workbench.training.same_data import require_same_data

CPU = torch.device("cpu")


@pytest.fixture
def checkpoint(tmp_path):
    _, watch = train(table(), tmp_path, epochs=1)
    return watch.path("last")


def test_a_truncated_checkpoint_is_refused_in_words_wherever_it_ends(checkpoint, tmp_path):
    content = checkpoint.read_bytes()
    lengths = random.Random(1).sample(range(len(content)), 25)
    for length in [0, 1, len(content) // 2, len(content) - 1, *lengths]:
        cut = tmp_path / "cut.pt"
        cut.write_bytes(content[:length])
        with pytest.raises(DataError):
            read_checkpoint(cut)


def test_a_damaged_byte_is_noticed_by_the_hash(checkpoint):
    sha256 = write_checkpoint(checkpoint, read_checkpoint(checkpoint))
    content = bytearray(checkpoint.read_bytes())
    content[len(content) // 2] ^= 1
    checkpoint.write_bytes(content)
    with pytest.raises(DataError, match="changed or damaged"):
        read_checkpoint(checkpoint, sha256)


def test_damaged_bytes_without_a_hash_never_end_in_a_fault_of_ours(checkpoint, tmp_path):
    content = checkpoint.read_bytes()
    chance = random.Random(2)
    for _ in range(60):
        bad = bytearray(content)
        for place in chance.sample(range(len(content)), 20):
            bad[place] = chance.randrange(256)
        path = tmp_path / "bad.pt"
        path.write_bytes(bad)
        with contextlib.suppress(DataError):
            assert "model" in read_checkpoint(path)


class _Trap:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


@pytest.mark.parametrize("write", ["pickle", "torch"])
def test_a_pickle_that_wants_to_run_code_is_refused_and_runs_nothing(tmp_path, write):
    path, trace = tmp_path / "model.pt", tmp_path / "it ran"
    if write == "torch":
        torch.save({"format": 1, "model": _Trap(trace)}, path)
    else:
        path.write_bytes(pickle.dumps({"format": 1, "model": _Trap(trace)}))
    with pytest.raises(DataError, match="nothing in it was run"):
        read_checkpoint(path)
    assert not trace.exists()


@pytest.mark.parametrize("state", [{"format": 2}, {}, [1, 2], torch.zeros(3)])
def test_a_file_of_torch_that_is_no_checkpoint_of_ours_is_refused(tmp_path, state):
    torch.save(state, tmp_path / "other.pt")
    with pytest.raises(DataError, match=r"other\.pt is not a checkpoint"):
        read_checkpoint(tmp_path / "other.pt")


def test_a_missing_checkpoint_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match="train the run again"):
        read_checkpoint(tmp_path / "gone.pt")


@pytest.mark.parametrize("name", CASES)
def test_a_model_comes_back_with_its_preparation_and_predicts_the_same(tmp_path, name):
    x, y, schema = CASES[name]()
    outcome, watch = train((x, y, schema), tmp_path, epochs=2)
    state = read_checkpoint(watch.path("last"))
    model = trained_model(state, CPU)
    assert weights_sha256(model.model.state_dict()) == outcome.weights_sha256
    assert model.schema == schema
    again = trained_model(read_checkpoint(watch.path("last")), CPU)
    first, second = model.predict(x), again.predict(x, batch_size=7)
    assert np.allclose(first, second, atol=1e-5)
    if schema.classes:
        assert first.shape == (len(x), len(schema.classes))
        assert np.allclose(first.sum(axis=1), 1, atol=1e-5)
    else:
        assert first.shape == (len(x),)
        assert y.min() - 3 * y.std() < first.mean() < y.max() + 3 * y.std()


def test_weights_are_hashed_over_their_bytes_in_the_order_of_their_names():
    import hashlib

    weights = {"b": torch.arange(4.0), "a": torch.ones(2, 2, dtype=torch.int64), "c": torch.tensor(3.5)}
    expected = hashlib.sha256(b"".join(weights[name].numpy().tobytes() for name in "abc")).hexdigest()
    assert weights_sha256(weights) == expected
    assert weights_sha256(dict(reversed(weights.items()))) == expected


# A limit on the size of files makes a real write fail; it counts for the whole process, hence its own.
FULL = """
import resource, signal, sys
from pathlib import Path
import torch
from tests.training.samples import Watch, StopAt, table, train
from workbench.core.errors import DiskError
from workbench.training.checkpoints import read_checkpoint
folder = Path(sys.argv[1])
_, watch = train(table(), folder, epochs=2, token=StopAt(5))
good = watch.path("last")
before = good.read_bytes()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, most))
try:
    train(table(), folder, epochs=2, resume=read_checkpoint(good), watch=watch)
except DiskError as error:
    print(error)
else:
    sys.exit("nothing was said")
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
assert good.read_bytes() == before
assert not list(folder.glob("*.part")) and not list(folder.glob(".*"))
outcome, _ = train(table(), folder, epochs=2, resume=read_checkpoint(good), watch=watch)
whole, _ = train(table(), folder, epochs=2)
assert outcome.weights_sha256 == whole.weights_sha256
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits on the size of files are set by Linux's call")
def test_a_write_that_fails_leaves_the_last_good_checkpoint_and_names_the_disk(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stderr
    assert "the disk that holds" in ran.stdout


def test_a_read_only_folder_is_named(tmp_path, monkeypatch):
    import errno
    import tempfile

    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    _, watch = train(table(), tmp_path, epochs=1, watch=Watch())
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(DiskError, match="read-only"):
        train(prepared(*table()), tmp_path, epochs=2, resume=read_checkpoint(watch.path("last")))


@pytest.mark.parametrize("name", CASES)
def test_a_run_of_an_older_version_goes_on_with_the_same_data_and_not_with_other(tmp_path, name):
    x, y, schema = CASES[name]()
    _, watch = train((x, y, schema), tmp_path, epochs=1)
    state = read_checkpoint(watch.path("last"))
    # As it was written before samples had a kind and steps had settings.
    known = json.loads(state["schema"])
    for field in ("kind_of_sample", "rate", "vocabulary"):
        del known[field]
    for column in known["columns"]:
        column.pop("is_date", None)
    state["schema"] = json.dumps(known)
    for step in state["pipeline"]:
        step["fields"] = {}
        if step["name"] == "fill_missing":
            step["state"] = {"median": step["state"]["fill"]}
    require_same_data(state, prepared(x, y, schema))
    other = x.copy()
    other[:] = 3
    with pytest.raises(DataError, match="not the one that this run began with"):
        require_same_data(state, prepared(other, y, schema))
