from workbench.core.states import LogLevel


def test_a_log_is_read_in_order_from_a_level_on_and_from_where_one_was(store, run):
    for level, text in ((LogLevel.DEBUG, "a"), (LogLevel.ERROR, "b"), (LogLevel.INFO, "c")):
        store.run_log.add(run.id, level, text)
    assert [line.text for line in store.run_log.list(run.id)] == ["a", "b", "c"]
    assert [line.text for line in store.run_log.list(run.id, LogLevel.INFO)] == ["b", "c"]
    last = store.run_log.list(run.id)[1].id
    assert [line.text for line in store.run_log.list(run.id, after_id=last)] == ["c"]
    assert [line.text for line in store.run_log.list(run.id, most=2)] == ["b", "c"]


def test_a_log_belongs_to_its_run(store, run, dataset):
    other = store.runs.add("other", dataset.id, "mlp", {}, run.train, run.split, parent_id=run.id)
    store.run_log.add(other.id, LogLevel.INFO, "mine")
    assert store.run_log.list(run.id) == []
    assert (other.parent_id, other.queue_place) == (run.id, run.queue_place + 1)
