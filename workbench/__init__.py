"""Workbench: from raw data to a model that a team can trust."""

import os

__version__ = "0.1.0"

# Threads of torch that spin while they wait take the processor from the window and from other programs:
# beside one busy process, training falls to a tenth of its speed. OpenMP reads these when torch is loaded.
for _name, _value in (("GOMP_SPINCOUNT", "0"), ("OMP_WAIT_POLICY", "passive")):
    os.environ.setdefault(_name, _value)
