"""The same training in other libraries, as their first pages teach it. Each is measured where it is installed."""

import logging
import os
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from tests.benchmarks.loops import fresh_model, tensors
from tests.benchmarks.material import BATCH, EPOCHS

LIBRARIES = ("lightning", "skorch", "fastai", "keras")


class Peers:
    """All libraries that are there, in one process; they are used one after the other."""

    def __init__(self, home: Path) -> None:
        self.data = {kind: tensors(home, kind) for kind in EPOCHS}
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)

    def here(self) -> list[str]:
        """Return the libraries that are installed."""
        return [name for name in LIBRARIES if find_spec(name)]

    def run(self, library: str, kind: str) -> dict[str, float]:
        """Train and return samples a second."""
        x, y, schema = self.data[kind]
        fit = getattr(self, f"_{library}")(kind, x, y, schema)
        start = time.perf_counter()
        fit()
        return {"speed": EPOCHS[kind] * len(x) / (time.perf_counter() - start)}

    def _lightning(self, kind, x, y, schema):
        import lightning

        model, loss_of, optimizer = fresh_model(kind, schema)

        class Module(lightning.LightningModule):
            def __init__(self):
                super().__init__()
                self.model = model

            def training_step(self, batch, _):
                return loss_of(self.model(batch[0]), batch[1])

            def configure_optimizers(self):
                return optimizer

        trainer = lightning.Trainer(
            max_epochs=EPOCHS[kind],
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        return lambda: trainer.fit(Module(), _loader(x, y))

    def _skorch(self, kind, x, y, schema):
        import skorch

        model, _, _ = fresh_model(kind, schema)
        net = skorch.NeuralNetClassifier(
            model,
            criterion=nn.CrossEntropyLoss,
            optimizer=torch.optim.Adam,
            optimizer__weight_decay=1e-4,
            lr=1e-3,
            batch_size=BATCH,
            max_epochs=EPOCHS[kind],
            train_split=None,
            iterator_train__shuffle=True,
            verbose=0,
        )
        return lambda: net.fit(x, y)

    def _fastai(self, kind, x, y, schema):
        import fastai.callback.progress  # noqa: F401 - gives a learner no_bar
        from fastai.data.core import DataLoaders
        from fastai.learner import Learner
        from fastai.optimizer import OptimWrapper

        model, loss_of, _ = fresh_model(kind, schema)

        def adam(parameters, lr, **_):
            return OptimWrapper(parameters, torch.optim.Adam, lr=lr, weight_decay=1e-4)

        loaders = DataLoaders(_loader(x, y), _loader(x[:BATCH], y[:BATCH]))
        learner = Learner(loaders, model, loss_func=loss_of, opt_func=adam, lr=1e-3)

        def fit():
            with learner.no_bar(), learner.no_logging():
                learner.fit(EPOCHS[kind])

        return fit

    def _keras(self, kind, x, y, schema):
        os.environ["KERAS_BACKEND"] = "torch"
        import keras

        keras.utils.set_random_seed(7)
        keras.backend.set_image_data_format("channels_first")
        inner = _keras_layers(keras.layers, kind, schema.outputs)
        if kind == "deep":  # Keras has no such network and takes torch's
            inner = [keras.layers.TorchModuleWrapper(fresh_model(kind, schema)[0])]
        model = keras.Sequential([keras.layers.Input(tuple(x.shape[1:])), *inner])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(1e-3, weight_decay=1e-4), loss)
        return lambda: model.fit(x, y, batch_size=BATCH, epochs=EPOCHS[kind], verbose=0)


def _keras_layers(layers, kind, outputs):
    """Return the very layers of our MLP or of our small CNN."""
    if kind == "table":
        return [
            *(layers.Dense(64, activation="relu"), layers.Dense(64, activation="relu")),
            layers.Dense(outputs),
        ]
    made = []
    for channels in (32, 64):
        made += [
            layers.Conv2D(channels, 3, padding="same", use_bias=False),
            layers.BatchNormalization(axis=1),
            layers.ReLU(),
            layers.MaxPooling2D(2),
        ]
    return [*made, layers.AveragePooling2D(1), layers.Flatten(), layers.Dropout(0.1), layers.Dense(outputs)]


def _loader(x, y):
    return DataLoader(TensorDataset(x, y), batch_size=BATCH, shuffle=True)
