"""Augmentation: training samples are changed at random, each in its own way, on whole batches of tensors."""
