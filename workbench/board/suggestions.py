"""Risks made from what was found: opens filled in, with evidence, mitigations and a number to watch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.board.facts.runs import gap_of
from workbench.board.view import better_high
from workbench.core.board import Charter
from workbench.core.records import Dataset, Evaluation, Finding, Run
from workbench.core.risks import Link, MitigationIdea, Risk, RiskIdea, Watch
from workbench.core.slices import SliceMeasures
from workbench.core.states import Condition, RunState, Severity

_IMPACT = {Severity.INFO: 2, Severity.WARNING: 3, Severity.DANGER: 4}
_CLEAN = MitigationIdea("Look at the samples concerned and clean them", "Note what was done and why.")
_WEIGHTS = MitigationIdea(
    "Give rare classes more weight", "Train again with class weights and compare.", "class_weights"
)
_SIMPLER = MitigationIdea(
    "Try a simpler model", "Half as wide: less inclined to learn by heart.", "simpler_model"
)
_DECAY = MitigationIdea("Train with stronger weight decay", "", "weight_decay")
_STOP = MitigationIdea("Stop early", "Training ends when validation no longer gets better.", "early_stopping")
_RATE = MitigationIdea("Train with a smaller learning rate", "", "smaller_rate")
_MORE = MitigationIdea("Collect more samples of the class", "Begin with those that are confused most.")

# What a kind of finding does to a model, and what helps; all others are told by their own words.
_EFFECTS: Mapping[str, tuple[str, tuple[MitigationIdea, ...]]] = {
    "class_imbalance": ("rare classes are found too seldom", (_WEIGHTS, _MORE)),
    "small_class": ("the class is not learnt well enough to be trusted", (_MORE, _WEIGHTS)),
    "empty_class": ("the class can never be told", (_MORE,)),
    "conflicting_labels": ("the model learns that the same is two things", (_CLEAN,)),
    "exact_duplicates": ("the same content counts twice and flatters the measures", (_CLEAN,)),
    "near_duplicates": ("the same content counts twice and flatters the measures", (_CLEAN,)),
    "split_leak": ("it is judged on what it has learnt by heart, and fails in use", (_CLEAN,)),
    "near_leak": ("it is judged on what it has learnt by heart, and fails in use", (_CLEAN,)),
    "group_leak": ("it is judged on what it has learnt by heart, and fails in use", (_CLEAN,)),
    "target_leak": ("it looks right until the answer is no longer there, in use", (_CLEAN,)),
    "label_errors": ("it learns to be wrong, and being right counts as wrong", (_CLEAN,)),
    "personal_data": ("people can be told apart, and the law is broken", (_CLEAN,)),
    "no_licence": ("it may not be sold or shown", (_CLEAN,)),
    "duplicates": ("the same content counts twice and flatters the measures", (_CLEAN,)),
    "duplicate_rows": ("the same content counts twice and flatters the measures", (_CLEAN,)),
}


def from_finding(dataset: Dataset, finding: Finding) -> RiskIdea:
    """Return a data risk made from a finding of the health check."""
    effect, ideas = _EFFECTS.get(finding.code, ("the model learns what is not so", (_CLEAN,)))
    name = finding.code.replace("_", " ")
    share = _watch("findings", {"dataset_id": dataset.id, "severity": finding.severity, "code": finding.code})
    return RiskIdea(
        "",
        Risk(
            0,
            f"{name.capitalize()} in {dataset.title}",
            "data",
            finding.message.rstrip("."),
            f"a model that is trained on {dataset.title} inherits it",
            effect,
            probability=4,
            impact=_IMPACT[finding.severity],
            evidence=(Link("dataset", dataset.id, finding.code),),
        ),
        mitigations=ideas,
        watch=_with(share, Condition.ABOVE, 0.0),
    )


def from_confusion(run: Run, evaluation: Evaluation, actual: int, predicted: int) -> RiskIdea:
    """Return a technical risk made from a cell of a confusion matrix off its diagonal.

    Args:
        run: The run that was judged.
        evaluation: How it was judged.
        actual: Row of the cell.
        predicted: Column of the cell.
    """
    labels, counts = evaluation.labels, evaluation.counts
    was, said = labels[actual], labels[predicted]
    count, total = counts[actual][predicted], sum(counts[actual])
    recall = counts[actual][actual] / total if total else 0.0
    fields = {"measure": "recall", "split": evaluation.split, "class_name": was}
    limit = min(0.99, round(recall + 0.05, 2))
    return RiskIdea(
        "",
        Risk(
            0,
            f"{was} taken for {said}",
            "technical",
            f"{run.name} takes {count} of {total} samples of {was} for {said} ({evaluation.split} split)",
            f"{was} is missed in use",
            f"decisions rest on {said} where it is {was}",
            probability=_likely(count / total if total else 0.0),
            impact=3,
            evidence=(Link("run", run.id, f"{evaluation.split}: {was} → {said}"),),
        ),
        mitigations=(_WEIGHTS, _MORE, MitigationIdea("Look at the labels of the confused samples")),
        watch=_with(_watch("measure", fields), Condition.BELOW, limit),
    )


def from_class(run: Run, evaluation: Evaluation, label: str) -> RiskIdea:
    """Return a technical risk made from a class that is found too seldom."""
    row = next(item for item in evaluation.per_class if item.label == label)
    recall = row.recall if row.recall is not None else 0.0
    fields = {"measure": "recall", "split": evaluation.split, "class_name": label}
    limit = min(0.99, round(recall + 0.05, 2))
    return RiskIdea(
        "",
        Risk(
            0,
            f"{label} is found too seldom",
            "technical",
            f"{run.name} finds {recall:.0%} of {row.support} samples of {label} ({evaluation.split} split)",
            f"{label} is missed in use",
            "users meet mistakes that the overall measure hides",
            probability=_likely(1 - recall),
            impact=3,
            evidence=(Link("run", run.id, f"{evaluation.split}: {label}"),),
        ),
        mitigations=(_WEIGHTS, _MORE),
        watch=_with(_watch("measure", fields), Condition.BELOW, limit),
    )


def from_slice(run: Run, evaluation: Evaluation, part: SliceMeasures) -> RiskIdea:
    """Return a technical risk made from a slice on which a model does worse than on the rest."""
    measure = "accuracy" if "accuracy" in evaluation.metrics else "mae"
    value, whole = part.metrics.get(measure), evaluation.metrics.get(measure)
    where = f"{part.name} ({part.extent})" if part.extent else part.name
    against = f"{measure} {value:.3f} against {whole:.3f}" if value is not None and whole is not None else ""
    fields = {"measure": measure, "split": evaluation.split, "slice_name": part.name}
    is_high = better_high(measure)
    return RiskIdea(
        "",
        Risk(
            0,
            f"Worse where {part.name}",
            "technical",
            f"{run.name} does worse where {where}: {against} of the whole {evaluation.split} split",
            "whoever is described by these samples is served worse",
            "users meet mistakes that the overall measure hides",
            probability=4,
            impact=3,
            evidence=(Link("run", run.id, f"{evaluation.split}: {part.name}"),),
        ),
        mitigations=(
            MitigationIdea("Look at the samples of the slice", "Are they labelled and measured alike?"),
            MitigationIdea("Collect more samples like these", "Begin with those that are wrong."),
        ),
        watch=_with(
            _watch("measure", fields),
            Condition.BELOW if is_high else Condition.ABOVE,
            # Half the way to what the whole split has.
            round(((value or 0.0) + (whole or 0.0)) / 2, 3),
        ),
    )


def from_curve(run: Run, charter: Charter) -> RiskIdea:
    """Return a technical risk made from a run's curves: it diverged, or it learnt by heart.

    Args:
        run: The run.
        charter: What the project has set itself: its goal, and how large the gap may be.
    """
    ideas: tuple[MitigationIdea, ...]
    if run.state is RunState.DIVERGED:
        cause, event = f"the loss of {run.name} stopped being a number", "training is not stable"
        ideas, title = (_RATE, MitigationIdea("Clip gradients")), "Training diverges"
        watch = _with(_watch("failures", {}), Condition.ABOVE, 0.2)
    else:
        known = gap_of(run, charter.goal)
        gap = f" by {known[0]:.3f} ({known[1]})" if known is not None else ""
        cause = f"{run.name} is better in training than in validation{gap}"
        event, title = "the model learns its training data by heart", "Overfitting"
        ideas = (_DECAY, _SIMPLER, _STOP)
        watch = _with(_watch("gap", {}), Condition.ABOVE, charter.gap)
    return RiskIdea(
        "",
        Risk(
            *(0, title, "technical", cause, event, "what was measured does not hold in use"),
            probability=4,
            impact=3,
            evidence=(Link("run", run.id),),
        ),
        mitigations=ideas,
        watch=watch,
    )


def from_model(run: Run, fact: str, value: float, limit: float | None) -> RiskIdea:
    """Return a technical risk made from a model that is slow or large.

    Args:
        run: The run.
        fact: `latency` or `size`.
        value: In ms or MB.
        limit: The project's limit, in the same unit.
    """
    unit, word, takes = ("ms", "slow", "answers in") if fact == "latency" else ("MB", "large", "takes")
    is_over = limit is not None and value > limit
    limited = f", limit {limit:g} {unit}" if limit is not None else ""
    return RiskIdea(
        "",
        Risk(
            0,
            f"The model {'is' if is_over else 'may be'} too {word} to deploy",
            "technical",
            f"{run.name} {takes} {value:.3g} {unit}{limited}",
            f"it is too {word} where it has to run",
            "it cannot be used, or costs more than it earns",
            probability=4 if is_over else 3,
            impact=4,
            evidence=(Link("run", run.id, fact),),
        ),
        mitigations=(_SIMPLER, MitigationIdea("Measure where it has to run", "On the device of the user.")),
        watch=_with(_watch(fact, {}), Condition.ABOVE, limit if limit is not None else round(value, 3)),
    )


def _watch(fact: str, fields: Mapping[str, Any]) -> Watch:
    return Watch(0, 0, fact, {name: getattr(value, "value", value) for name, value in fields.items()})


def _with(watch: Watch, condition: Condition, limit: float) -> Watch:
    return replace(watch, condition=condition, limit=limit)


def _likely(share: float) -> int:
    """Return the probability level of something that happens to such a share of the samples."""
    steps = (0.01, 0.05, 0.15, 0.3)
    return 1 + sum(share >= step for step in steps)
