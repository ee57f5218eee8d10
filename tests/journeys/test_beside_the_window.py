"""Training in a process of its own: the window lives on when that process does not."""

import os
import signal

import psutil
import pytest

from tests.journeys.outsider import Outsider, train
from tests.journeys.test_click_to_curve import drawn, first_row
from workbench.core.states import RunState


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal to kill with")
def test_a_killed_training_process_is_told_and_the_run_goes_on_in_a_new_one(
    user: Outsider, orchard, tmp_path
):
    user.with_worker()
    user.open(orchard)
    user.wait(lambda: user.session.workers.pids())
    run_id = train(user, "100000")
    user.wait(lambda: len(drawn(user, tmp_path)) > 3)
    (first,) = user.session.workers.pids()
    os.kill(first, signal.SIGKILL)
    user.wait(lambda: "interrupted" in first_row(user))
    user.reads("most likely because memory ran out")

    steps = user.session.training.get(run_id).steps
    user.click("Resume")
    user.wait(lambda: user.session.training.get(run_id).steps > steps)
    (second,) = user.session.workers.pids()
    assert second != first
    user.window.close_without_asking()
    user.wait(lambda: not user.window.isVisible())
    assert not psutil.pid_exists(second)

    user.window.deleteLater()
    user.open(orchard)
    assert user.session.training.get(run_id).state is RunState.INTERRUPTED
