"""Errors whose message is written for the person at the screen. All others are our own bugs."""

from collections.abc import Mapping


class UserError(Exception):
    """Something the user can mend; the message says what happened and what to do.

    Args:
        message: One sentence, shown as it is.
        fields: Problems by field name, so that a form can show each at its place.
    """

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields: dict[str, str] = dict(fields or {})


class DataError(UserError):
    """A file or a dataset is at fault."""


class DiskError(UserError):
    """A file could not be written; the message names the disk."""


class StoreError(UserError):
    """The project's database cannot be read or written."""


class ProjectLockedError(StoreError):
    """Another process has the project open; the message says which."""


class NewerProjectError(StoreError):
    """The project was written by a newer version; nothing was changed."""


class CancelledError(Exception):
    """The work was cancelled on request. Not a fault."""


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether there was no memory left, of the machine or of the GPU."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and (
            type(error).__name__ == "OutOfMemoryError"
            or "can't allocate memory" in str(error)
            or "out of memory" in str(error)
        )
    )
