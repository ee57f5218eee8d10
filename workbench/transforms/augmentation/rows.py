"""Steps for rows of a table, as the dataset holds them: numbers, and codes of categories."""

from typing import ClassVar

import torch
from torch import Tensor

from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.transforms.augmentation.base import Augmentation, Draw, augmentations, strength
from workbench.transforms.base import State

_ENOUGH, _INFLATED = 20_000, 3.0


class _Rows(Augmentation):
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TABLE,)

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are rows of a table."""
        return super().fits(schema) and bool(schema.columns) and len(schema.input_shape) == 1


@augmentations.register("number_noise")
class NumberNoise(_Rows):
    """Numbers are a little off, measured by the spread of their column; never beyond what was seen.

    The spread is the deviation or, where a few far numbers make that large, what the middle half says of it.
    """

    text: ClassVar[str] = "Numbers are a little off, measured by the spread of their column."

    amount: float = strength(
        0.05, 0.0, 1.0, "Amount", "Deviation of the noise, in deviations of the column. Default 0.05."
    )

    def fits(self, schema: Schema) -> bool:
        """Return whether there are numbers."""
        return super().fits(schema) and any(column.kind == "number" for column in schema.used_columns)

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return deviation, least and largest value, (columns,); no deviation for categories."""
        number = torch.tensor([column.kind == "number" for column in schema.used_columns])
        there = x.isfinite() & number
        count = there.sum(dim=0).clamp(min=1)
        exact = torch.where(there, x.double(), 0.0)
        mean = exact.sum(dim=0) / count
        spread = torch.where(there, x.double() - mean, 0.0).square().sum(dim=0) / count
        deviation, usual = spread.sqrt(), _usual_spread(torch.where(there, x, torch.nan))
        deviation = torch.where(deviation > _INFLATED * usual, usual, deviation)
        low = torch.where(there, x, torch.inf).amin(dim=0) if len(x) else torch.full_like(mean, torch.inf)
        high = torch.where(there, x, -torch.inf).amax(dim=0) if len(x) else torch.full_like(mean, -torch.inf)
        # A column without a number has no bounds, and a category is never changed.
        return {
            "deviation": torch.where(number, deviation, 0.0).float(),
            "low": torch.where(low.isfinite(), low, -torch.inf).float(),
            "high": torch.where(high.isfinite(), high, torch.inf).float(),
        }

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return rows with noise, (n, columns); what is missing stays missing."""
        level = draw.send(self.amount * draw.happens(len(x), self.probability), x)
        noisy = x + draw.normal(tuple(x.shape)) * (level * state["deviation"])
        inside = torch.minimum(torch.maximum(noisy, state["low"]), state["high"])
        # A value that was out of bounds already may stay so.
        return torch.where((level > 0) & (state["deviation"] > 0), inside, x)


@augmentations.register("value_swap")
class ValueSwap(_Rows):
    """Some values come from another row."""

    text: ClassVar[str] = "Some values of a row come from another row of the batch."

    share: float = strength(0.1, 0.0, 1.0, "Share", "Share of the values that are swapped. Default 0.1.")

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return rows with values of others, (n, columns)."""
        share = draw.send(self.share * draw.happens(len(x), self.probability), x)
        swapped = draw.uniform(tuple(x.shape)) < share
        others = (draw.uniform(tuple(x.shape)) * len(x)).long().clamp(max=len(x) - 1)
        return torch.where(swapped, x.gather(0, others), x)


def _usual_spread(x: Tensor) -> Tensor:
    """Return (columns,) the deviation that the middle half of each column speaks for; infinite where it is 0.

    Args:
        x: (n, columns), NaN where there is no number.
    """
    if not len(x):
        return x.new_full(x.shape[1:], torch.inf, dtype=torch.float64)
    some = x[:: max(1, len(x) // _ENOUGH)].double()
    low, high = (torch.stack([c.nanquantile(share) for c in some.unbind(dim=1)]) for share in (0.25, 0.75))
    usual = (high - low).nan_to_num(0.0) / 1.349  # of a normal distribution, the quartiles are so far apart
    return torch.where(usual > 0, usual, torch.inf)
