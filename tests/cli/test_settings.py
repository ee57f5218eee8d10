"""The words of `--set`, read as the fields of what they set."""

from workbench.cli.settings import settings
from workbench.services.models import ModelService


def test_off_is_a_word_for_0_where_0_means_off():
    models = ModelService(None)
    words = ["patience=off", "weight_decay=Off", "dropout=off", "warmup=0"]
    found = settings(words, models.fields("mlp"), models.choices())
    assert (found.train.patience, found.train.weight_decay, found.train.warmup) == (0, 0.0, 0.0)
    assert found.fields["dropout"] == 0.0
