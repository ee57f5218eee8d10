"""What can be imported: one module a kind, registered under `kinds`."""
