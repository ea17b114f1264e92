"""The training loop: Keras's own step, many updates in one compiled call, evaluated where you say.

Why not ``fit``? It trains the same way (a test compares the weights), but with evaluations in between it costs 2.6 to
3.7 ms an update at this size, of which the step itself is 1.2 ms; and it shuffles by a seed of its own, so that two
methods would not see the images in the same order. Here ``model.train_step`` runs inside one ``tf.function``.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from helpers.augment import PARAMETERS, RandomAffine
from helpers.data import Data
from helpers.methods import Batches
from helpers.stats import log_loss

Build = Callable[..., keras.Model]


def evaluation_updates(updates: int) -> list[int]:
    """When to evaluate: at 0.9 of all updates, from where the shown scores are averaged anew, and at five points after
    it, for a summary's means. Below 45 updates there are fewer."""
    last_tenth = updates * np.array([0.9, 0.92, 0.94, 0.96, 0.98, 1])
    return sorted({max(1, round(update)) for update in last_tenth})


class Trainer:
    """One model with its compiled training loop, reused for many runs.

    Args:
        build: makes the model from (input_shape, seed=…), such as ``small_model``; the same seed gives the same
            initial weights. It ends in one sigmoid unit, or in a softmax over its classes. A model that comes compiled
            keeps its loss (on probabilities) and its optimiser; any other gets cross-entropy and Adam at 0.001.
        input_shape: (height, width, channels).
        policy: the augmenter for batches that come with parameters, those of live.
    """

    def __init__(
        self, build: Build, input_shape: Sequence[int], policy: RandomAffine | None = None
    ) -> None:
        if isinstance(build, keras.Model):
            raise ValueError(
                f"build is {build}, a model; expected a function that makes it, such as small_model."
            )
        self.build = build
        self.input_shape = tuple(input_shape)
        self.policy = policy
        self.model = build(self.input_shape, seed=0)
        self._require_classifier()
        self._compile()
        images = tf.TensorSpec((None, *self.input_shape))
        labels = tf.TensorSpec((None,))
        rows = tf.TensorSpec((None, None), tf.int32)
        parameters = tf.TensorSpec((None, None, len(PARAMETERS)))
        # Through partial, TensorFlow counts the traces of each function apart; together they seem too many.
        self._advance_stored = tf.function(
            functools.partial(self._loop), input_signature=[images, labels, rows]
        )
        self._advance_drawn = tf.function(
            functools.partial(self._loop), input_signature=[images, labels, rows, parameters]
        )
        self._predict = tf.function(
            functools.partial(self.model, training=False), input_signature=[images]
        )

    def _compile(self) -> None:
        """With its own loss and optimiser where it has them, and with all variables that a step needs."""
        model = self.model
        outputs = model.output_shape[1]
        if outputs == 1:
            loss = keras.losses.BinaryCrossentropy()
            shown_loss = keras.metrics.BinaryCrossentropy(name="shown_loss")
            shown_accuracy = keras.metrics.BinaryAccuracy(name="shown_accuracy")
        else:
            loss = keras.losses.SparseCategoricalCrossentropy()
            shown_loss = keras.metrics.SparseCategoricalCrossentropy(name="shown_loss")
            shown_accuracy = keras.metrics.SparseCategoricalAccuracy(name="shown_accuracy")
        model.compile(
            optimizer=model.optimizer if model.compiled else keras.optimizers.Adam(0.001),
            loss=model.loss if model.compiled else loss,
            # The loss that is reported is that of the true labels, also where training smooths them.
            metrics=[shown_loss, shown_accuracy],
        )
        # Keras makes the variables of optimiser and metrics at the first step, which is too late inside the loop.
        model.optimizer.build(model.trainable_variables)
        model.compute_metrics(None, tf.zeros((1, 1)), tf.ones((1, outputs)))
        self._optimizer_start = [variable.numpy() for variable in model.optimizer.variables]

    def _require_classifier(self) -> None:
        shape = self.model.output_shape
        # Large enough that what has no sigmoid or softmax at its end leaves 0 to 1.
        large = 100 * np.random.default_rng(0).normal(size=(8, *self.input_shape))
        p = np.asarray(self.model(large.astype(np.float32), training=False))
        fit = len(shape) == 2 and shape[1] != 2 and p.min() >= 0 and p.max() <= 1
        if fit and shape[1] > 1:
            fit = np.allclose(p.sum(axis=1), 1, atol=1e-3)
        if not fit:
            raise ValueError(
                f"the model's answers, of shape {shape}, are no probabilities; expected (None, 1), one sigmoid unit "
                "for two classes, or (None, classes), a softmax over more."
            )
        losses = keras.tree.flatten(self.model.loss) if self.model.compiled else []
        if any(getattr(loss, "from_logits", False) for loss in losses):
            raise ValueError(
                "the model's loss is one on logits (from_logits=True); expected one on probabilities."
            )
        second = self.build(self.input_shape, seed=0).get_weights()
        if not all(map(np.array_equal, self.model.get_weights(), second)):
            raise ValueError(
                "build gives other initial weights at each call with one seed, so that methods would not start alike; "
                "pass its seed on to the layers' initialisers."
            )

    def reset(self, replicate: int) -> None:
        """All variables as at the start: the replicate's weights, dropout seeds, an optimiser that has seen nothing."""
        self.model.set_weights(self.build(self.input_shape, seed=replicate).get_weights())
        others = {id(v) for v in (*self.model.weights, *self.model.metrics_variables)}
        # Left are the states of random layers such as dropout, which Keras does not count as weights.
        seeds = [v for v in self.model.non_trainable_variables if id(v) not in others]
        for number, state in enumerate(seeds):
            state.assign(np.array([replicate, number], np.uint32))
        variables = self.model.optimizer.variables
        for variable, value in zip(variables, self._optimizer_start, strict=True):
            variable.assign(value)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities of class 1, (n,), or (n, classes) of a softmax; in blocks, which need less memory."""
        answers = []
        for first in range(0, len(images), 500):
            block = tf.constant(images[first : first + 500], tf.float32)
            answers.append(self._predict(block).numpy())
        p = np.concatenate(answers)
        return p[:, 0] if p.shape[1] == 1 else p

    def run(
        self,
        data: Data,
        batches: Batches,
        updates: int,
        replicate: int = 0,
        evaluate_at: Iterable[int] | None = None,
    ) -> pd.DataFrame:
        """Train a network of two classes from the replicate's initial weights, and evaluate it on the way.

        Args:
            data: the original training images, and the validation images.
            batches: what the model is shown, at least ``updates`` of them.
            evaluate_at: updates after which to evaluate, the last one among them; default ``evaluation_updates``.

        Returns:
            One row an evaluation: update; shown_loss and shown_accuracy (what ``fit`` reports, averaged since the
            last row); train_* (the originals); val_*. Losses in nats, accuracies from 0 to 1.

        Raises:
            ValueError: the model doesn't end in one sigmoid unit, batches are too few, or evaluate_at doesn't fit.
        """
        outputs = self.model.output_shape[1]
        if outputs > 1:
            raise ValueError(
                f"the model tells {outputs} classes apart; expected one sigmoid unit: with more classes "
                "call train, and score what predict returns."
            )
        if evaluate_at is None:
            evaluate_at = evaluation_updates(updates)
        stops = sorted(set(evaluate_at))
        if not stops or stops[0] < 1 or stops[-1] != updates:
            raise ValueError(
                f"evaluate_at is {evaluate_at}; expected updates from 1 on, the last {updates}."
            )
        rows = []
        for stop, shown_scores in self.train(batches, stops, replicate):
            row = {"update": stop, **shown_scores}
            row |= _scores("train", self.predict(data.x_train), data.y_train)
            row |= _scores("val", self.predict(data.x_val), data.y_val)
            rows.append(row)
        return pd.DataFrame(rows)

    def train(
        self, batches: Batches, stops: Sequence[int], replicate: int = 0
    ) -> Iterator[tuple[int, dict[str, float]]]:
        """Train from scratch, and after each of the updates ``stops`` yield it, and shown_loss and shown_accuracy
        averaged since the last; ``stops`` rise. What is refused is refused when the first is asked for."""
        if len(batches.rows) < stops[-1]:
            raise ValueError(f"found {len(batches.rows)} batches; expected {stops[-1]}.")
        self.reset(replicate)
        images = tf.constant(batches.images)
        labels = tf.constant(batches.labels, tf.float32)
        for start, stop in itertools.pairwise([0, *stops]):
            self.model.reset_metrics()
            rows = tf.cast(batches.rows[start:stop], tf.int32)
            if batches.parameters is None:
                self._advance_stored(images, labels, rows)
            else:
                self._advance_drawn(images, labels, rows, batches.parameters[start:stop])
            scores = self.model.get_metrics_result()
            yield stop, {name: float(scores[name]) for name in ("shown_loss", "shown_accuracy")}

    def _loop(self, images, labels, rows, parameters=None):
        for step in tf.range(tf.shape(rows)[0]):
            x = tf.gather(images, rows[step])
            y = tf.gather(labels, rows[step])[:, None]
            if parameters is not None:
                x = self.policy.apply(x, parameters[step])
            self.model.train_step((x, y))


def _scores(name: str, p: np.ndarray, y: np.ndarray) -> dict[str, float]:
    return {
        f"{name}_loss": log_loss(p, y),
        f"{name}_accuracy": float(np.mean((p > 0.5) == (y == 1))),
    }
