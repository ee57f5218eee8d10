"""Compute targets: where a lane runs a training. One module a target, registered under `targets`."""
