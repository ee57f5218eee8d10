"""Augmentation of tables and mixtures, where something is far from usual."""

import numpy as np
import torch

from tests.transforms.test_augmentation import CPU, PICTURE, ROWS, changed, samples
from workbench.core.configs import StepConfig
from workbench.transforms.augmentation.augmenter import fit_augmenter
from workbench.transforms.augmentation.base import Draw, augmentations


def test_a_few_numbers_far_away_do_not_drown_the_others_in_noise():
    x = samples(ROWS, 500)
    x[3, 0], x[:, 2] = 1e7, torch.from_numpy(np.random.default_rng(1).normal(0, 1, 500).astype(np.float32))
    after = changed(augmentations.build("number_noise", {"probability": 1.0, "amount": 0.1}), x, ROWS)
    usual = ~x[:, 0].isnan()
    usual[3] = False
    # Ages around 40 with a deviation of 10: a tenth of that, and not of half a million.
    assert 0.7 < (after - x)[usual, 0].std() < 1.3
    assert 0.07 < (after - x)[:, 2].std() < 0.13


def test_noise_leaves_a_column_alone_that_is_nearly_always_the_same_but_for_its_few_others():
    x = samples(ROWS, 500)
    x[:, 0] = 1.0
    assert torch.equal(
        changed(augmentations.build("number_noise", {"probability": 1.0}), x, ROWS)[:, 0], x[:, 0]
    )
    x[:10, 0] = 2.0
    noisy = changed(augmentations.build("number_noise", {"probability": 1.0}), x, ROWS)[:, 0]
    assert noisy.isfinite().all()
    assert 1.0 <= noisy.min() <= noisy.max() <= 2.0


def test_with_two_ways_to_mix_the_largest_share_is_still_that_of_the_sample():
    x, y = samples(PICTURE), torch.arange(64) % 3
    steps = [
        StepConfig(name=name, fields={"alpha": 2.0, "probability": chance})
        for name, chance in (("mixup", 0.7), ("cutmix", 1.0))
    ]
    augmenter = fit_augmenter(steps, x, PICTURE, PICTURE)
    mixed = 0
    for seed in range(40):
        _, shares = augmenter.change_prepared(x, y, Draw(seed, device=CPU))
        assert torch.allclose(shares.sum(dim=1), torch.ones(64))
        assert (shares.gather(1, y[:, None])[:, 0] >= 0.4999).all()
        mixed += int((shares.max(dim=1).values < 1).sum())
    assert mixed > 40 * 64 * 0.4
