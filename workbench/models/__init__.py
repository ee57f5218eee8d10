"""Model families: one module a family, registered under `families`."""
