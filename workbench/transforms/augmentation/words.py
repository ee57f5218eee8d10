"""Steps for text, on its tokens; the padding 0 at the end is no token."""

from typing import ClassVar

import torch
from torch import Tensor

from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.transforms.augmentation.base import Augmentation, Draw, Where, augmentations, strength
from workbench.transforms.base import State


class _Words(Augmentation):
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TEXT,)
    where: ClassVar[Where] = Where.PREPARED

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are tokens."""
        return super().fits(schema) and len(schema.input_shape) == 1 and schema.vocabulary > 0


@augmentations.register("word_drop")
class WordDrop(_Words):
    """Some words are left out, and the rest moves up. Wei and Zou 2019, section 2."""

    text: ClassVar[str] = "Some words are left out."

    share: float = strength(0.1, 0.0, 0.9, "Share", "Share of the words. Default 0.1.")

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return (n, length) tokens with as much more padding; one word stays in any case."""
        share = draw.send(self.share * draw.happens(len(x), self.probability), x)
        score = draw.uniform(tuple(x.shape))
        word = x != 0
        stays = word & (score >= share)
        best = torch.where(word, score, -1.0).argmax(dim=1, keepdim=True)
        places = torch.arange(x.shape[1], device=x.device)
        stays = stays | ((places == best) & word)
        order = (~stays).to(torch.uint8).argsort(dim=1, stable=True)
        return torch.where(stays, x, torch.zeros_like(x)).gather(1, order)


@augmentations.register("word_swap")
class WordSwap(_Words):
    """Some neighbours change places."""

    text: ClassVar[str] = "Some words change places with their neighbour."

    share: float = strength(0.1, 0.0, 1.0, "Share", "Share of the pairs that change places. Default 0.1.")

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return (n, length) tokens in another order; the padding stays at the end."""
        count, length = x.shape
        share = draw.send(self.share * draw.happens(count, self.probability), x)
        offset = draw.send(draw.numbers.integers(0, 2, count), x).long()
        places = torch.arange(length, device=x.device).expand(count, length)
        # Pairs begin at every second place, at the first or at the second one.
        is_first = ((places - offset) % 2 == 0) & (places >= offset) & (places + 1 < length)
        chosen = is_first & (draw.uniform((count, length)) < share)
        nothing = torch.zeros_like(chosen[:, :1])
        has_next = torch.cat([(x[:, 1:] != 0) & (x[:, :-1] != 0), nothing], dim=1)
        first = chosen & has_next
        second = torch.cat([nothing, first[:, :-1]], dim=1)
        return x.gather(1, places + first.long() - second.long())
