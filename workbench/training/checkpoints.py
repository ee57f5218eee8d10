"""Checkpoints: whole or absent, loaded without running any code of the file."""

import hashlib
import io
import pickle  # only for the name of the error that torch raises on a file it refuses
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter
from torch import Tensor, nn

from workbench.core.errors import DataError
from workbench.core.files import atomic_write
from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.models.base import families
from workbench.training.data import TargetScale, TrainingData, as_tensor
from workbench.transforms.pipeline import Pipeline

FORMAT = 1
# What torch raises on a damaged or foreign file, depending on where the damage is.
_DAMAGED = (
    *(RuntimeError, EOFError, OSError, ValueError, TypeError, AttributeError, LookupError),
    *(pickle.UnpicklingError, UserWarning),
)
_schema_json: TypeAdapter[Schema] = TypeAdapter(Schema)


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A network with the very preparation it was trained behind."""

    model: nn.Module
    pipeline: Pipeline
    scale: TargetScale
    epoch: int

    @property
    def schema(self) -> Schema:
        """What raw samples have to be."""
        return self.pipeline.schemas[0]

    @property
    def size_bytes(self) -> int:
        """How large the weights are, with all that is kept beside them."""
        return sum(value.numel() * value.element_size() for value in self.model.state_dict().values())

    def predict(self, x: NDArray[Any] | Sequence[str], batch_size: int = 1024) -> NDArray[Any]:
        """Return what the model says of raw samples.

        Args:
            x: (n, *schema.input_shape) or (n,) texts, as a dataset holds them.
            batch_size: Samples at a time.

        Returns:
            (n, classes) probabilities, or (n,) values in the target's own unit.
        """
        device = next(self.model.parameters()).device
        parts: list[Tensor] = []
        self.model.eval()
        with torch.inference_mode():
            for start in range(0, len(x), batch_size):
                part = as_tensor(x[start : start + batch_size])
                scores = self.model(self.pipeline.apply(part, device)).float()
                if self.schema.task is Task.CLASSIFICATION:
                    parts.append(scores.softmax(dim=1).cpu())
                else:
                    # Not before the CPU: an Apple GPU has no double precision.
                    parts.append(scores[:, 0].cpu().double() * self.scale.deviation + self.scale.mean)
        return torch.cat(parts).numpy() if parts else torch.zeros(0, self.schema.outputs).numpy()


def model_state(
    model: nn.Module, family: str, fields: Mapping[str, Any], data: TrainingData, epoch: int
) -> dict[str, Any]:
    """Return all that is needed to predict later, as tensors and plain values."""
    return {
        "format": FORMAT,
        "family": family,
        "fields": dict(fields),
        "schema": schema_text(data.pipeline.schemas[0]),
        "pipeline": data.pipeline.to_state(),
        "scale": asdict(data.scale),
        "epoch": epoch,
        "model": {name: value.detach().clone() for name, value in model.state_dict().items()},
    }


def read_schema(text: str) -> Schema:
    """Return the schema that a checkpoint holds."""
    return _schema_json.validate_json(text)


def schema_text(schema: Schema) -> str:
    """Return a schema as a checkpoint holds it."""
    return _schema_json.dump_json(schema).decode()


def write_checkpoint(path: Path, state: Mapping[str, Any]) -> str:
    """Write a checkpoint, whole or not at all, and return its SHA-256.

    Raises:
        DiskError: It could not be written; what was there before is untouched.
    """
    buffer = io.BytesIO()
    torch.save(dict(state), buffer)
    return atomic_write(path, buffer.getvalue())


def read_checkpoint(path: Path, sha256: str | None = None) -> dict[str, Any]:
    """Return the state in a checkpoint, on the CPU.

    Args:
        path: The file.
        sha256: What its content has to hash to.

    Raises:
        DataError: It is missing, damaged, not a checkpoint, or wants to run code.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"The checkpoint {path.name} cannot be read: train the run again.") from error
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(f"The checkpoint {path.name} was changed or damaged, so it is not used: train again.")
    if not content.startswith(b"PK"):
        # Not even torch's own wrapping: the readers of older formats are not let near it.
        raise DataError(f"{path.name} is not a checkpoint of Workbench; nothing in it was run.")
    try:
        with warnings.catch_warnings():
            # torch finds the bytes odd but reads on: what it wrote itself never makes it say so.
            warnings.filterwarnings("error", "Detected pickle protocol")
            state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except _DAMAGED as error:
        raise DataError(f"{path.name} is not a checkpoint of Workbench; nothing in it was run.") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise DataError(f"{path.name} is not a checkpoint that this version of Workbench can read.")
    return state


def trained_model(state: Mapping[str, Any], device: torch.device) -> TrainedModel:
    """Return the model of a checkpoint, ready to predict.

    Raises:
        DataError: The weights do not fit the model that the checkpoint names.
    """
    schema = read_schema(state["schema"])
    pipeline = Pipeline.from_state(state["pipeline"], schema)
    model = families.build(state["family"], state["fields"]).build(pipeline.output)
    load_weights(model, state["model"])
    return TrainedModel(model.to(device), pipeline, TargetScale(**state["scale"]), int(state["epoch"]))


def load_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Put weights into a model.

    Raises:
        DataError: They belong to another model.
    """
    try:
        model.load_state_dict(dict(weights))
    except RuntimeError as error:
        raise DataError("The checkpoint belongs to another model: its layers do not fit.") from error


def weights_sha256(weights: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 over the tensors' bytes in name order."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(weights[name].detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
