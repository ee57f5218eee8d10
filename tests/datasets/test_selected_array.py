"""A selection of samples reads like the array that it stands for, however it is asked."""

import numpy as np
import pytest

from workbench.datasets.selected_array import SelectedArray


class Words(tuple):
    """Texts that are no array, as a dataset of texts holds them."""

    @classmethod
    def of(cls, texts):
        return cls(texts)

    def __getitem__(self, key):
        if isinstance(key, np.ndarray):
            return Words(tuple.__getitem__(self, int(place)) for place in key)
        found = tuple.__getitem__(self, key)
        return Words(found) if isinstance(key, slice) else found


@pytest.fixture
def both():
    """Two sources of rows, a selection out of both, and the same as a plain array."""
    random = np.random.default_rng(0)
    first, second = (random.normal(size=(count, 4)).astype(np.float32) for count in (6, 5))
    positions = np.array([10, 0, 7, 5, 6])
    columns = (3, 1)
    whole = np.concatenate([first, second])[positions][:, columns]
    return SelectedArray([first, second], positions, columns), whole


@pytest.mark.parametrize(
    "key",
    [
        *(0, -1, np.int64(3), slice(1, 4), slice(None), slice(0, 0), np.array([4, 0, 0]), [2, 1]),
        *((slice(None), 1), (2, 0), (np.array([1, 3]), 0), np.array([True, False, True, False, True])),
    ],
    ids=str,
)
def test_every_way_to_ask_gives_what_the_array_gives(both, key):
    selected, whole = both
    np.testing.assert_array_equal(selected[key], whole[key])


def test_it_says_its_shape_and_becomes_an_array(both):
    selected, whole = both
    assert (selected.shape, selected.dtype, selected.ndim, len(selected)) == ((5, 2), np.float32, 2, 5)
    np.testing.assert_array_equal(np.asarray(selected), whole)
    np.testing.assert_array_equal(selected.whole(), whole)


def test_a_selection_of_all_is_the_array_itself_and_copies_nothing():
    x = np.arange(12).reshape(4, 3)
    assert SelectedArray.of([x], np.arange(4), None) is x
    assert SelectedArray.of([x], np.arange(3), None) is not x


def test_texts_of_several_sources_stay_texts():
    selected = SelectedArray([Words(["a", "b"]), Words(["c"])], np.array([2, 0]))
    assert selected.shape == (2,)
    assert selected[0] == "c"
    assert selected[:] == Words(["c", "a"])
    assert selected.whole() == Words(["c", "a"])
    one = SelectedArray([Words(["a", "b", "c"])], np.array([2, 0]))
    assert isinstance(one[np.array([1])], Words)
