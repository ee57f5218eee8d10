"""What a training step frees is kept for the next one, and given back when training is over."""

import resource
import sys

import numpy as np
import psutil
import pytest

from workbench.core.host_memory import freed_memory_kept

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's memory is meant")
_BLOCK = 64 << 20


def _faults_of_a_block_again() -> int:
    np.ones(_BLOCK, np.uint8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(_BLOCK, np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_a_block_that_was_freed_is_not_asked_of_the_system_again():
    # Numpy may ask for huge pages: then a block is few faults, but never none.
    with freed_memory_kept():
        assert _faults_of_a_block_again() <= 2


def test_memory_is_back_with_the_system_when_the_last_training_is_over():
    process = psutil.Process()
    before = process.memory_info().rss
    with freed_memory_kept(), freed_memory_kept():
        np.ones(8 * _BLOCK, np.uint8)
        assert process.memory_info().rss - before > 7 * _BLOCK
    assert process.memory_info().rss - before < _BLOCK
