"""Experiments that may make a risk smaller. A plug-in joins by registering a mitigation."""
