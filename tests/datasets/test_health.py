from workbench.core.records import Skipped
from workbench.core.states import Severity
from workbench.datasets.health import class_findings, skipped_finding


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def test_balanced_classes_give_no_finding() -> None:
    assert class_findings(["a", "b"], [100, 21]) == []


def test_one_class_is_a_danger() -> None:
    (finding,) = class_findings(["only"], [100])
    assert (finding.code, finding.severity) == ("one_class", Severity.DANGER)


def test_small_and_rare_classes_are_named_smallest_first() -> None:
    small, imbalance = class_findings(["a", "b", "c", "d"], [100, 9, 1, 20])
    assert (small.code, small.count, small.examples) == ("small_class", 2, ("c: 1", "b: 9"))
    assert (imbalance.code, imbalance.count) == ("class_imbalance", 2)
    assert "100.0 times" in imbalance.message


def test_classes_that_look_alike_are_named() -> None:
    (similar,) = class_findings(["Cat", "cat ", "dog"], [20, 30, 20])
    assert (similar.code, similar.fix) == ("similar_classes", "merge_classes")
    assert similar.fields == {"classes": {"Cat": "cat "}}, "the larger one gives the name"


def test_what_was_skipped_is_one_finding_with_examples() -> None:
    (finding,) = skipped_finding([Skipped(f"{k}.png", "is empty") for k in range(30)], "file")
    assert (finding.count, len(finding.examples)) == (30, 10)
    assert finding.message.startswith("30 files were not imported")
    assert skipped_finding([], "file") == []
