"""What every transform does: learn a state from training samples, apply it to any batch."""

from abc import abstractmethod

from torch import Tensor

from workbench.core.records import Schema
from workbench.core.registry import Choice, Registry

State = dict[str, Tensor]


class Transform(Choice):
    """One step of preparation. Stateless itself: what it learnt lies in the state."""

    @abstractmethod
    def fits(self, schema: Schema) -> bool:
        """Return whether the step makes sense for such samples."""

    @abstractmethod
    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return what the step has to know, learnt from training samples alone.

        Args:
            x: (n, *schema.input_shape), as the step before left them.
            schema: What `x` is.
        """

    @abstractmethod
    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return prepared samples; each depends on itself and the state alone.

        Args:
            x: (batch, *schema.input_shape).
            schema: What `x` is, the same as in `fit`.
            state: What `fit` returned, on the device of `x`.
        """

    def output(self, schema: Schema) -> Schema:
        """Return what the samples are after the step."""
        return schema


transforms: Registry[Transform] = Registry("transform", "workbench.transforms")
