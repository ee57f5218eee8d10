"""The window: the only package that imports Qt."""

import builtins

import PySide6.QtCore  # noqa: F401 - installs its hook, which goes again below

# PySide hooks into every import and reads the module's source, in search of a feature that is not used here:
# that keeps 100 MB of source text in memory, and asks modules for names while they are being set up, on which
# pydantic's import fails now and then.
builtins.__import__ = vars(builtins).get("__orig_import__", builtins.__import__)
