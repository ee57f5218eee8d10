"""What a step needs that computes with whole rows."""

from torch import Tensor

from workbench.core.errors import DataError


def require_complete(x: Tensor, title: str) -> None:
    """Refuse rows with gaps.

    Args:
        x: (n, columns).
        title: The step that asks.

    Raises:
        DataError: A value is missing or infinite.
    """
    if not x.isfinite().all():
        raise DataError(f"{title} needs rows without missing values: put Fill missing values before it.")
