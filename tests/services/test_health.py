"""A health check of real data: what is found joins one list, is weighed at the board, and can be mended."""

import shutil
import threading
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from tests.gui.panes.small_data import import_data, write_pictures, write_table
from workbench.core.configs import PrepareConfig, SplitConfig, StepConfig
from workbench.core.errors import UserError
from workbench.core.records import Finding, HealthReport
from workbench.core.states import JobState, Severity, Split
from workbench.services.projects import create_project, open_project


def check(session, dataset_id=1):
    return session.jobs.wait(session.health.check(dataset_id), 60)


def codes(session, dataset_id=1):
    return {item.code for item in session.health.findings(dataset_id)}


def mend(session, code, dataset_id=1, chosen=None):
    return session.jobs.wait(session.health.fix(dataset_id, code, chosen), 60)


@pytest.fixture
def orchard(tmp_path):
    with create_project(tmp_path / "Orchard", name="Orchard") as session:
        yield session


def write_flawed(folder):
    """Write 16×16 pictures with one blank one, and one that lies in both classes."""
    random = np.random.default_rng(0)
    for label, low in (("dark", 40), ("light", 128)):
        (folder / label).mkdir(parents=True)
        for number in range(20):
            pixels = random.integers(low, low + 120, (16, 16), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    Image.fromarray(np.full((16, 16), 70, np.uint8)).save(folder / "dark" / "7.png")
    shutil.copy(folder / "dark" / "3.png", folder / "light" / "3.png")
    return folder


def test_what_the_import_and_what_the_check_found_is_one_list_the_worst_first(orchard, tmp_path):
    folder = write_flawed(tmp_path / "shades")
    (folder / "dark" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    import_data(orchard, folder)
    report = check(orchard)
    found = [item.code for item in report.findings]
    assert {"skipped", "conflicting_labels", "blank_pictures", "no_licence"} <= set(found)
    assert found[0] in ("conflicting_labels", "split_leak"), "serious ones come first"
    assert len(found) == len(set(found))
    assert orchard.health.report(1) == report


def test_a_finding_is_mended_by_a_new_version_and_undo_takes_it_back(orchard, tmp_path):
    import_data(orchard, write_flawed(tmp_path / "shades"))
    check(orchard)
    (blank,) = orchard.health.finding(1, "blank_pictures").samples
    version = mend(orchard, "blank_pictures")
    assert version.change == "Removed 1 sample"
    assert version.imported.count == 39
    assert orchard.datasets.samples(1).names[blank] not in list(orchard.datasets.samples(version.id).names)
    check(orchard, version.id)
    assert "blank_pictures" not in codes(orchard, version.id)
    orchard.history.undo()
    assert [item.id for item in orchard.datasets.all()] == [1]


def test_leaked_copies_move_to_where_their_originals_are(orchard, tmp_path):
    source = write_table(tmp_path / "fruit.csv")
    head, *rows = source.read_text().splitlines()
    source.write_text("\n".join([head, *rows, *rows[:40]]) + "\n")
    import_data(orchard, source)
    check(orchard)
    leak = orchard.health.finding(1, "split_leak")
    assert leak.count > 0
    version = mend(orchard, "split_leak")
    check(orchard, version.id)
    assert "split_leak" not in codes(orchard, version.id)
    assert version.imported.count == 160
    before, after = (orchard.datasets.split_indices(each) for each in (1, version.id))
    assert len(after[Split.TRAIN]) >= len(before[Split.TRAIN])
    assert version.change == f"Moved {leak.count} copies to the split of the original"
    assert orchard.views.now().shared_samples[version.id] == 0


def test_labels_are_mended_only_where_they_were_chosen(orchard, tmp_path):
    folder = write_pictures(tmp_path / "shades", 60)
    for number in range(4):
        (folder / "dark" / f"{number}.png").rename(folder / "light" / f"wrong {number}.png")
    import_data(orchard, folder)
    check(orchard)
    doubted = orchard.health.finding(1, "label_errors")
    names = [orchard.datasets.samples(1).names[place] for place in doubted.samples]
    assert names
    assert all("wrong" in name for name in names)
    version = mend(orchard, "label_errors", chosen=doubted.samples[:1])
    assert version.imported.class_counts == (57, 63)
    assert version.change == "Relabelled 1 sample"


def test_a_column_that_gives_the_answer_away_is_taken_out(orchard, tmp_path):
    source = write_table(tmp_path / "fruit.csv")
    head, *rows = source.read_text().splitlines()
    told = [
        f"{row.rpartition(',')[0]},{len(row.rpartition(',')[2])},{row.rpartition(',')[2]}" for row in rows
    ]
    source.write_text("\n".join([f"{head.rpartition(',')[0]},letters,kind", *told]) + "\n")
    import_data(orchard, source)
    check(orchard)
    assert orchard.health.finding(1, "target_leak").fields == {"columns": ["letters"]}
    version = mend(orchard, "target_leak")
    assert version.change == "Took out letters"
    assert "letters" not in [column.name for column in version.schema.used_columns]
    check(orchard, version.id)
    assert "target_leak" not in codes(orchard, version.id)


def test_classes_that_differ_in_capitals_become_one_and_apart_again(orchard, tmp_path):
    source = tmp_path / "wines.csv"
    source.write_text("size,wine\n" + "1.5,Barolo\n2.5,barolo\n3.5,Barbera\n4.5,Barolo\n" * 12)
    import_data(orchard, source)
    check(orchard)
    assert (
        orchard.health.fixable(orchard.datasets.get(1), orchard.health.findings(1)).count("similar_classes")
        == 1
    )
    version = mend(orchard, "similar_classes")
    labels = [version.schema.classes[label] for label in orchard.datasets.samples(version.id).y[:4]]
    assert labels == ["Barolo", "Barolo", "Barbera", "Barolo"]
    check(orchard, version.id)
    assert "similar_classes" not in codes(orchard, version.id)
    orchard.history.undo()
    assert orchard.datasets.get(version.id).deleted_at is not None


def test_a_fix_that_is_a_step_of_the_preparation_is_undone_like_all_else(session):
    dataset = session.datasets.get(1)
    gap = Finding(
        "missing_values", Severity.INFO, 1, "Gaps.", fix="add_step", fields={"step": "fill_missing"}
    )
    session.store.health.put(HealthReport(1, datetime.now(UTC), (gap,), dataset.split))
    assert session.health.fixable(dataset, (gap,)) == [], "the usual preparation fills them in"
    plain = PrepareConfig(recipe=(StepConfig(name="one_hot"),))
    session.store.datasets.set_preparation(1, plain)
    dataset = session.datasets.get(1)
    assert session.health.fixable(dataset, (gap,)) == ["missing_values"]
    assert session.health.fix(1, "missing_values") is None
    assert [step.name for step in session.datasets.get(1).preparation.recipe] == ["fill_missing", "one_hot"]
    session.history.undo()
    assert session.datasets.get(1).preparation == plain


def test_a_gate_and_a_risk_look_at_what_the_check_found(orchard, tmp_path):
    import_data(orchard, write_flawed(tmp_path / "shades"))
    before = orchard.views.now()
    assert "blank_pictures" not in {item.code for item in before.open_findings(before.datasets[0])}
    check(orchard)
    view = orchard.views.now()
    assert "blank_pictures" in {item.code for item in view.open_findings(view.datasets[0])}
    idea = orchard.risks.idea_from_finding(1, "blank_pictures")
    assert idea.risk.evidence[0].detail == "blank_pictures"
    orchard.risks.accept_finding(1, "blank_pictures", "A lens cap is a class of its own.")
    view = orchard.views.now()
    assert "blank_pictures" not in {item.code for item in view.open_findings(view.datasets[0])}


def test_a_check_is_its_own_job_and_a_second_one_is_the_same(orchard, tmp_path):
    import_data(orchard, write_pictures(tmp_path / "shades"))
    held = threading.Event()
    orchard.jobs.submit("health", "Hold", lambda _token, _progress: held.wait(30))
    first = orchard.health.check(1)
    assert orchard.health.check(1) == first
    orchard.jobs.cancel(first)
    held.set()
    orchard.jobs.join(first, 30)
    assert orchard.jobs.get(first).state is JobState.CANCELLED
    assert orchard.health.report(1) is None


def test_an_import_is_checked_by_itself_where_a_window_wants_it(orchard, tmp_path):
    orchard.health.automatic = True
    import_data(orchard, write_pictures(tmp_path / "shades"))
    job = orchard.jobs.last("health:1")
    assert orchard.jobs.wait(job.id, 60).dataset_id == 1


def test_a_split_since_the_check_is_noticed(orchard, tmp_path):
    import_data(orchard, write_pictures(tmp_path / "shades"))
    assert check(orchard).split == SplitConfig()
    orchard.datasets.set_split(1, SplitConfig(seed=4))
    assert orchard.health.report(1).split != orchard.datasets.get(1).split
    assert check(orchard).split == SplitConfig(seed=4)


def test_licence_source_and_owner_are_noted_and_undone(session):
    session.datasets.set_origin(1, licence="CC BY 4.0 ", owner="Ada")
    dataset = session.datasets.get(1)
    assert (dataset.licence, dataset.owner) == ("CC BY 4.0", "Ada")
    check(session)
    assert "no_licence" not in codes(session)
    version = session.jobs.wait(session.versions.remove(1, [0]), 30)
    assert (version.licence, version.owner) == ("CC BY 4.0", "Ada")
    session.history.undo()
    session.history.undo()
    assert session.datasets.get(1).licence == ""


def test_a_report_survives_closing_and_a_read_only_project_is_not_checked(garden):
    with open_project(garden) as session:
        report = check(session)
    with open_project(garden, read_only=True) as session:
        assert session.health.report(1) == report
        with pytest.raises(UserError, match="read-only"):
            session.health.check(1)


def test_data_whose_files_are_gone_are_refused_in_words(session):
    shutil.rmtree(session.folder.resolve(session.datasets.get(1).folder))
    with pytest.raises(UserError, match="missing or damaged"):
        check(session)


def test_what_was_accepted_stays_so_in_later_versions_until_there_is_more_of_it(orchard, tmp_path):
    import_data(orchard, write_flawed(tmp_path / "shades"))
    check(orchard)
    orchard.risks.accept_finding(1, "no_licence", "Ours.")
    orchard.risks.accept_finding(1, "blank_pictures", "A lens cap.")
    version = orchard.jobs.wait(orchard.versions.remove(1, [30]), 30)
    check(orchard, version.id)
    assert set(orchard.risks.accepted_findings(version.id)) >= {"no_licence", "blank_pictures"}
    view = orchard.views.now()
    assert "blank_pictures" not in {item.code for item in view.open_findings(view.datasets[-1])}
    more = write_pictures(tmp_path / "more", 12)
    for label, shade in (("dark", 20), ("light", 200)):
        for number in range(12):
            pixels = np.full((16, 16), shade + number, np.uint8)
            Image.fromarray(pixels).save(more / label / f"{number}.png")
    other = import_data(orchard, more)
    both = orchard.jobs.wait(orchard.versions.join(version.id, other.id), 30)
    check(orchard, both.id)
    assert orchard.health.finding(both.id, "blank_pictures").count > 1
    assert "blank_pictures" not in orchard.risks.accepted_findings(both.id)
    assert "no_licence" in orchard.risks.accepted_findings(both.id)
