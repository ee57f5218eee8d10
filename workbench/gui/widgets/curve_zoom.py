"""Which finer points a zoomed plot wants, so that it shows what there is and not the outline of it. No Qt."""

from collections.abc import Mapping

import numpy as np

from workbench.gui.widgets.curve_data import Axis, Curve, Stretch

_POINTS_A_PIXEL = 2
"""A lowest and a highest one: more would not be seen, and would take longer to draw."""

_LEAST_SHARE = 0.75
"""With less of them than this, as after zooming in further, finer ones are asked for."""


class Closer:
    """Remembers what has been asked for, so that nothing is asked for twice."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[Curve, Stretch]] = {}

    def wanted(
        self, curves: Mapping[str, Curve], axis: Axis, seen: tuple[float, float], pixels: int
    ) -> list[Stretch]:
        """Return what is missing for the range that is seen; nothing when all of it is on its way.

        Finer points that are no longer needed are dropped.

        Args:
            curves: The curves of a plot by their key.
            axis: What lies along x.
            seen: Left and right end of the range, on that axis.
            pixels: How wide it is drawn.
        """
        missing, is_new = [], False
        for key, curve in curves.items():
            if not curve.coarse:
                continue
            steps = _steps_seen(curve, axis, seen, pixels)
            if steps is None:
                curve.refine(None)
                self._asked.pop(key, None)
                continue
            part, finer = _around(key, steps, pixels), curve.finer
            if finer is not None and (
                _suits(finer.stretch, part, steps) or (finer.is_all and _holds(finer.stretch, steps))
            ):
                continue
            asked = self._asked.get(key)
            if asked is None or asked[0] is not curve or not _suits(asked[1], part, steps):
                self._asked[key] = (curve, part)
                is_new = True
            missing.append(self._asked[key][1])
        # A question replaces the one before, so it holds all that is still open.
        return missing if is_new else []

    def forget(self, curves: Mapping[str, Curve]) -> None:
        """Take all finer points away: everything is seen again."""
        self._asked.clear()
        for curve in curves.values():
            curve.refine(None)


def _steps_seen(curve: Curve, axis: Axis, seen: tuple[float, float], pixels: int) -> tuple[int, int] | None:
    """Return the steps of the last point left of what is seen and of the first one right of it.

    None where the curve has enough points without finer ones, or none at all.
    """
    first, stop = np.searchsorted(curve.whole().x(axis), seen)
    if stop - first >= _POINTS_A_PIXEL * pixels:
        return None
    x = curve.x(axis)
    left = max(0, int(np.searchsorted(x, seen[0], "left")) - 1)
    right = min(len(x) - 1, int(np.searchsorted(x, seen[1], "right")))
    return (int(curve.steps[left]), int(curve.steps[right])) if left < right else None


def _around(key: str, steps: tuple[int, int], pixels: int) -> Stretch:
    """Return the steps and half as many on either side, so that a small move finds its points there."""
    first, last = steps
    margin = (last - first) // 2 + 1
    return Stretch(key, first - margin, last + margin, 2 * _POINTS_A_PIXEL * pixels)


def _holds(stretch: Stretch, steps: tuple[int, int]) -> bool:
    return stretch.first_step <= steps[0] and steps[1] <= stretch.last_step


def _suits(stretch: Stretch, part: Stretch, steps: tuple[int, int]) -> bool:
    """Return whether a stretch holds these steps, about as densely as the part that would be asked for."""
    return _holds(stretch, steps) and _density(stretch) >= _LEAST_SHARE * _density(part)


def _density(stretch: Stretch) -> float:
    return stretch.most_points / (stretch.last_step - stretch.first_step)
