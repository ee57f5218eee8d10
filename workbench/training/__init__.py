"""The training loop and what it is made of. Values and callbacks in, no store, no bus."""
