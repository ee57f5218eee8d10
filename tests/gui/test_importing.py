"""Qt leaves the imports of everything else alone."""

import os
import subprocess
import sys

from tests.rules.sources import ROOT

_PROGRAM = """
import builtins, linecache
import workbench.gui.app
from PySide6 import QtGui, QtSvg, QtWidgets
import pydantic.main
assert builtins.__import__.__name__ != "__feature_import__"
sources = [name for name in linecache.cache if "pydantic" in name]
assert not sources, f"{len(sources)} sources were read in search of a feature of PySide"
"""


def test_pyside_does_not_look_into_the_source_of_what_is_imported():
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", _PROGRAM], env=environment, check=True, timeout=60)
