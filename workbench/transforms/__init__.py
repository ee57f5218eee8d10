"""Preparation of data on whole batches of tensors, fitted on the training split only."""
