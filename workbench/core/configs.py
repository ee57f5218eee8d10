"""What the user decided, as frozen models: validated once, stored as JSON, shown as forms."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.core.states import Split


class Config(BaseModel):
    """Base of all decisions: frozen, strict about unknown fields and about NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SplitConfig(Config):
    """How a dataset is divided; the same config on the same data gives the same parts."""

    train: float = Field(0.7, ge=0.05, le=1.0, title="Training share")
    validation: float = Field(0.15, ge=0.0, le=0.9, title="Validation share")
    test: float = Field(0.15, ge=0.0, le=0.9, title="Test share")
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed")
    stratified: bool = Field(True, title="Same class shares in every part")
    method: Literal["shuffled", "grouped", "by_time", "folds", "given"] = Field(
        "shuffled",
        title="Divided",
        description="Shuffled: any sample anywhere. By group: what belongs together stays together. By time: "
        "the past trains, the future tests. Folds: each part validates once. As given: a column or folder "
        "says it. Default: shuffled.",
        json_schema_extra={
            "words": {
                "shuffled": "Shuffled",
                "grouped": "By group",
                "by_time": "By time",
                "folds": "In folds",
                "given": "As given",
            }
        },
    )
    column: str = Field(
        "",
        max_length=1000,
        title="Column",
        description="What holds the group, the time, or the word train, validation or test. Default none: "
        "the name of the file says it.",
        json_schema_extra={"choices": "columns", "empty": "the file's name"},
    )
    until: str = Field(
        "",
        max_length=20,
        title="File name up to",
        description="Files belong together whose names are the same up to this sign, such as _. Default "
        "none: files in one folder do.",
        json_schema_extra={"empty": "its folder"},
    )
    folds: int = Field(5, ge=2, le=50, title="Folds", description="How many parts there are. Default 5.")
    fold: int = Field(
        1, ge=1, le=50, title="Validation fold", description="Which part is validated on. Default 1."
    )

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        if abs(self.train + self.validation + self.test - 1.0) > 1e-6:
            raise ValueError("the three shares have to add up to 1")
        if self.method == "folds" and self.fold > self.folds:
            raise ValueError(f"there are only {self.folds} folds, so the validation fold is one of them")
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The fields that the method looks at, in the order of a form."""
        return {
            "shuffled": ("train", "validation", "test", "seed", "stratified"),
            "grouped": ("column", "until", "train", "validation", "test", "seed"),
            "by_time": ("column", "train", "validation", "test"),
            "folds": ("folds", "fold", "test", "seed", "stratified"),
            "given": ("column",),
        }[self.method]

    def share(self, split: Split) -> float:
        """Return the share of one part, in [0, 1]."""
        return float(getattr(self, split.value))


ColumnType = Literal[
    "number",
    "number point",
    "number comma",
    "category",
    "date",
    "date dmy",
    "date mdy",
    "date ymd",
    "text",
    "unused",
]


class ImportConfig(Config):
    """How a source is read; what is None is found out from the source itself."""

    name: str | None = Field(None, max_length=200, title="Name")
    kind: str | None = Field(None, title="Kind")
    target: str | None = Field(None, title="Target column")
    files: str | None = Field(None, title="File column")
    encoding: str | None = Field(None, title="Encoding")
    separator: str | None = Field(None, min_length=1, max_length=1, title="Separator")
    header: bool | None = Field(None, title="First row names the columns")
    decimal: Literal[".", ","] | None = Field(None, title="Decimal sign")
    sheet: str | None = Field(None, title="Sheet")
    extra_rows: bool | None = Field(None, title="Totals and second headers are rows like others")
    types: dict[str, ColumnType] = Field({}, title="Types of columns by their name")
    text: str | None = Field(None, max_length=1000, title="Text column")
    picture_size: int | None = Field(None, ge=4, le=1024, title="Picture size in pixels")
    seconds: float | None = Field(None, ge=0.1, le=120.0, title="Seconds of audio at most")
    rate: int | None = Field(None, ge=2000, le=48_000, title="Samples a second of audio")


class StepConfig(Config):
    """One step of a preparation or an augmentation: a registered name, and its settings by field name."""

    name: str
    fields: dict[str, Any] = {}
    on: bool = True


class PrepareConfig(Config):
    """How samples are prepared for a model: the steps of the recipe, in order, and what augments them.

    `recipe` None stands for the usual steps of such data. Augmentation is for training samples only.
    """

    recipe: tuple[StepConfig, ...] | None = None
    augmentation: tuple[StepConfig, ...] = ()


_RATES, _PENALTIES = "Learning rate", "Against overfitting"
_STEPS, _ENDING, _COMPUTING = "Loss and steps", "Stopping and keeping", "Computing"


def _advanced(group: str, **extra: Any) -> dict[str, Any]:
    """Return what a form knows of a field that is folded away under the heading `group`."""
    return {"advanced": True, "group": group, **extra}


class TrainConfig(Config):
    """How a model is trained, whatever its family."""

    epochs: int = Field(
        30,
        ge=1,
        le=100_000,
        title="Epochs",
        description="How often every training sample is seen. Default 30; more for small data.",
    )
    batch_size: int = Field(
        32,
        ge=1,
        le=65_536,
        title="Batch size",
        json_schema_extra={"log": True},
        description="Samples at once. Default 32; 32 to 256 is usual. Larger is faster, with more memory.",
    )
    learning_rate: float = Field(
        1e-3,
        gt=0.0,
        le=1e6,
        title="Learning rate",
        json_schema_extra={"log": True},
        description="Size of a step. Default 0.001, right for Adam; plain SGD wants about 0.1, Lion 0.0001.",
    )
    optimizer: str = Field(
        "adamw",
        title="Optimiser",
        json_schema_extra={"registry": "optimizer", "settings": "optimizer_fields"},
        description="How gradients become steps. Default AdamW, the safe choice.",
    )
    optimizer_fields: dict[str, Any] = Field(
        {},
        title="Settings of the optimiser",
        json_schema_extra={"settings_of": "optimizer"},
        description="What the chosen optimiser has to set, by field name. Default: its own defaults.",
    )
    schedule: str = Field(
        "cosine",
        title="Schedule",
        json_schema_extra={"registry": "schedule", "settings": "schedule_fields"},
        description="How the learning rate changes. Default cosine: large steps first, small ones last.",
    )
    schedule_fields: dict[str, Any] = Field(
        {},
        title="Settings of the schedule",
        json_schema_extra={"settings_of": "schedule"},
        description="What the chosen schedule has to set, by field name. Default: its own defaults.",
    )
    warmup: float = Field(
        0.0,
        ge=0.0,
        le=0.5,
        title="Warm-up share",
        json_schema_extra=_advanced(_RATES, zero="off"),
        description="Share of the training in which the learning rate rises from 0. Default off; 0.05 "
        "steadies large batches and deep models.",
    )
    loss: str = Field(
        "standard",
        title="Loss",
        json_schema_extra=_advanced(_STEPS, registry="loss", settings="loss_fields"),
        description="What training makes small. Default Standard: cross-entropy for classes, squared error "
        "for numbers.",
    )
    loss_fields: dict[str, Any] = Field(
        {},
        title="Settings of the loss",
        json_schema_extra=_advanced(_STEPS, settings_of="loss"),
        description="What the chosen loss has to set, by field name. Default: its own defaults.",
    )
    initialization: Literal["default", "gaussian", "xavier", "he", "orthogonal"] = Field(
        "default",
        title="Weight initialisation",
        json_schema_extra=_advanced(_STEPS),
        description="How weights begin. Default: as the layers have it; He suits ReLU, Xavier tanh, "
        "Gaussian draws with deviation 0.02, Orthogonal keeps lengths in deep models.",
    )
    accumulation: int = Field(
        1,
        ge=1,
        le=4096,
        title="Batches per step",
        json_schema_extra=_advanced(_STEPS),
        description="Gradients of so many batches are averaged before a step: a large batch in the memory of "
        "a small one. Default 1.",
    )
    clip_norm: float = Field(
        0.0,
        ge=0.0,
        le=1e6,
        title="Gradient clipping",
        json_schema_extra=_advanced(_STEPS, zero="off"),
        description="Longer gradients are shortened to this. Default off; 1 tames a loss that jumps.",
    )
    weight_decay: float = Field(
        1e-4,
        ge=0.0,
        le=1.0,
        title="Weight decay (L2)",
        json_schema_extra=_advanced(_PENALTIES, zero="off"),
        description="Pull of the weights towards zero (L2). Default 0.0001; raise it against overfitting.",
    )
    l1: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        title="L1 penalty",
        json_schema_extra=_advanced(_PENALTIES, zero="off"),
        description="Pull that makes weights exactly zero. Default off; together with weight decay it is the "
        "elastic net.",
    )
    averaging: Literal["none", "ema", "swa"] = Field(
        "none",
        title="Weight averaging",
        json_schema_extra=_advanced(_PENALTIES, words={"ema": "EMA", "swa": "SWA"}),
        description="Judge and keep an average of the weights: EMA over the last steps, SWA over the "
        "epochs of the last quarter. Default none.",
    )
    patience: int = Field(
        0,
        ge=0,
        le=10_000,
        title="Early stopping",
        json_schema_extra=_advanced(_ENDING, zero="off"),
        description="Stop after so many epochs without a better validation loss. Default off.",
    )
    budget_min: float | None = Field(
        None,
        gt=0.0,
        le=1_000_000.0,
        title="Time budget in minutes",
        json_schema_extra=_advanced(_ENDING, empty="no limit"),
        description="Stop when so many minutes were trained, or after the epochs, whichever is first; the "
        "schedule is fitted to it. Default: no limit.",
    )
    keep_every: int = Field(
        0,
        ge=0,
        le=100_000,
        title="Keep a checkpoint every … epochs",
        json_schema_extra=_advanced(_ENDING, zero="off"),
        description="Keep the weights of every so many epochs, besides the best and the last. Default off: "
        "only those two.",
    )
    seed: int = Field(
        0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        json_schema_extra=_advanced(_COMPUTING),
        description="Start of all random numbers; the same seed gives the same weights. Default 0.",
    )
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        title="Device",
        json_schema_extra=_advanced(_COMPUTING, registry="device"),
        description="Where the run computes: auto, cpu, mps, cuda or cuda:1. Default auto: CUDA, Apple GPU "
        "or CPU, the best that is here.",
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto",
        title="Precision",
        json_schema_extra=_advanced(
            _COMPUTING, words={"auto": "Automatic", "fp32": "32 bits", "bf16": "bf16", "fp16": "fp16"}
        ),
        description="Numbers of 32 or of 16 bits in the large sums. Default auto: bf16 where a trial of a "
        "few batches shows that it is faster.",
    )
    compiled: bool = Field(
        False,
        title="Compile the model",
        json_schema_extra=_advanced(_COMPUTING),
        description="Let torch.compile build code for this model, and keep it where it is faster. Default "
        "no: it costs up to a minute and pays on long runs.",
    )
    deterministic: bool = Field(
        False,
        title="Deterministic",
        json_schema_extra=_advanced(_COMPUTING),
        description="Only operations that give the same bits every time, on a GPU as well, and 32 bits. "
        "Default no: it is slower there; a CPU is always so.",
    )
    target: str = Field(
        "auto",
        title="Compute target",
        json_schema_extra=_advanced(_COMPUTING, registry="compute target", settings="target_fields"),
        description="What carries the run. Default auto: beside a window a process of its own on the CPU, "
        "else a thread of this program.",
    )
    target_fields: dict[str, Any] = Field(
        {},
        title="Settings of the compute target",
        json_schema_extra=_advanced(_COMPUTING, settings_of="target"),
        description="What the chosen compute target has to set, by field name. Default: its own defaults.",
    )

    @property
    def smaller_learning_rate(self) -> float:
        """What to try after the loss blew up: a tenth, and never more than models learn at."""
        return min(0.1, float(f"{self.learning_rate / 10:.1g}"))


PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"epochs": 10, "schedule": "one_cycle"},
    "balanced": {},
    "best": {"epochs": 100, "warmup": 0.05, "averaging": "ema", "patience": 20},
}
"""What each preset changes of the defaults."""
