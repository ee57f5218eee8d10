"""A clock that shows another day than UTC does."""

import time

import pytest


@pytest.fixture
def far_east(monkeypatch):
    """Sit 14 hours east of Greenwich, where ten in the morning of a day in UTC is the next day."""
    if not hasattr(time, "tzset"):
        pytest.skip("the zone of a running program cannot be changed here")
    monkeypatch.setenv("TZ", "XXX-14")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
