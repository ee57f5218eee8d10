"""What the user decided, as frozen models: validated once, stored as JSON, shown as forms."""

from typing import Self

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

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        if abs(self.train + self.validation + self.test - 1.0) > 1e-6:
            raise ValueError("the three shares have to add up to 1")
        return self

    def share(self, split: Split) -> float:
        """Return the share of one part, in [0, 1]."""
        return float(getattr(self, split.value))


class ImportConfig(Config):
    """How a source is read; what is None is found out from the source itself."""

    name: str | None = Field(None, max_length=200, title="Name")
    kind: str | None = Field(None, title="Kind")
    target: str | None = Field(None, title="Target column")
    encoding: str | None = Field(None, title="Encoding")
    separator: str | None = Field(None, min_length=1, max_length=1, title="Separator")
    picture_size: int | None = Field(None, ge=4, le=1024, title="Picture size in pixels")


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
        description="Samples per step. Default 32; 32 to 256 is usual. Larger is faster, with more memory.",
    )
    learning_rate: float = Field(
        1e-3,
        gt=0.0,
        le=1e6,
        title="Learning rate",
        json_schema_extra={"log": True},
        description="Size of a step. Default 0.001, right for Adam; plain SGD wants about 0.1.",
    )
    optimizer: str = Field(
        "adamw",
        title="Optimiser",
        json_schema_extra={"registry": "optimizer"},
        description="How gradients become steps. Default AdamW, the safe choice.",
    )
    schedule: str = Field(
        "cosine",
        title="Schedule",
        json_schema_extra={"registry": "schedule"},
        description="How the learning rate changes. Default cosine: large steps first, small ones last.",
    )
    weight_decay: float = Field(
        1e-4,
        ge=0.0,
        le=1.0,
        title="Weight decay",
        json_schema_extra={"advanced": True},
        description="Pull of the weights towards zero (L2). Default 0.0001; raise it against overfitting.",
    )
    patience: int = Field(
        0,
        ge=0,
        le=10_000,
        title="Early stopping",
        json_schema_extra={"advanced": True},
        description="Stop after so many epochs without a better validation loss. Default 0: never.",
    )
    seed: int = Field(
        0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        json_schema_extra={"advanced": True},
        description="Start of all random numbers; the same seed gives the same weights. Default 0.",
    )
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        title="Device",
        json_schema_extra={"advanced": True},
        description="Where the run computes. Default auto: CUDA, Apple GPU or CPU, the best that is here.",
    )
    target: str = Field(
        "auto",
        title="Compute target",
        json_schema_extra={"registry": "compute target", "advanced": True},
        description="What carries the run. Default auto: beside a window a process of its own on the CPU, "
        "else a thread of this program.",
    )
