"""Workbench: from raw data to a model that a team can trust."""

import os

__version__ = "0.1.0"

# Threads of torch that spin for long while they wait take the processor from the window and from other
# programs: beside one busy process, training falls to a fraction of its speed. A spin of some microseconds
# bridges the gaps between the layers of a deep network. OpenMP reads these when torch is loaded.
for _name, _value in (("GOMP_SPINCOUNT", "1000"), ("OMP_WAIT_POLICY", "passive")):
    os.environ.setdefault(_name, _value)
