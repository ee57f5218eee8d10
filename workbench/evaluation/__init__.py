"""Judging predictions: plain arrays in, measures out. No torch, no rows."""
