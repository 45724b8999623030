"""What all estimators share: parameters, scaling, training, and NumPy at work afterwards."""
import dataclasses
import warnings

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from aebook.estimators.pool import borrowed
from aebook.estimators.tables import check_table
from aebook.numpy_inference import NumpyAutoencoder
from aebook.random import initial_weights
from aebook.specs import MLP, Training
from aebook.specs.checks import flag, index, real

__all__ = []


class AutoencoderEstimator(BaseEstimator):
    """A fully connected autoencoder that is fitted to a table and then works with NumPy."""

    _class_name = "Autoencoder"  # which of the twins' classes is trained
    _outputs_per_code = 1
    _overcomplete = False        # whether the code is meant to be larger than the input

    def __init__(self, latent_dim=2, *, hidden_dims=(64,), activation="relu", framework="auto", epochs=100,
                 batch_size=32, learning_rate=3e-3, early_stopping=False, validation_fraction=0.1,
                 n_iter_no_change=10, standardize=True, random_state=None, verbose=0):
        self.latent_dim = latent_dim
        self.hidden_dims = hidden_dims
        self.activation = activation
        self.framework = framework
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.standardize = standardize
        self.random_state = random_state
        self.verbose = verbose

    def _model_options(self):
        """What else the model is made with, beyond its spec."""
        return {}

    def _latent_activation(self):
        return "linear"

    def fit(self, X, y=None):
        """Fit the autoencoder to the rows of X.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self
        """
        self._fit(check_table(self, X, fitting=True))
        return self

    def _fit(self, X):
        for name in ("early_stopping", "standardize"):
            flag(self, name)
        fraction = real(self.validation_fraction, "validation_fraction", 0, 1)
        patience = index(self.n_iter_no_change, "n_iter_no_change", 1)
        rng = check_random_state(self.random_state)
        seed = int(rng.randint(2**31 - 1))
        training = Training(epochs=self.epochs, batch_size=self.batch_size, learning_rate=self.learning_rate,
                            patience=patience if self.early_stopping else None, seed=seed)
        spec = MLP(X.shape[1], self.hidden_dims, self.latent_dim, activation=self.activation,
                   latent_activation=self._latent_activation())
        options = self._model_options()
        if spec.latent_dim > spec.input_dim and not self._overcomplete:
            warnings.warn(f"latent_dim={spec.latent_dim} is more than the {spec.input_dim} columns of X: such a code "
                          "can copy a row instead of summarizing it.", stacklevel=3)
        mean, scale = self._center_and_scale(X)
        x, x_val = ((X - mean) / scale).astype(spec.dtype), None
        if self.early_stopping:
            rows = rng.permutation(len(x))
            held_out = max(1, int(fraction * len(x)))
            x, x_val = x[rows[held_out:]], x[rows[:held_out]]
        with borrowed(self.framework, self._class_name, spec, options) as (ae, model):
            ae.set_weights(model, initial_weights(spec, seed, self._outputs_per_code * spec.latent_dim))
            history = ae.fit(model, x, training, x_val, progress=bool(self.verbose))
            weights = ae.get_weights(model)
        self.mean_, self.scale_, self.spec_, self.weights_ = mean, scale, spec, weights
        self.history_, self.n_iter_, self._options = history, len(history.loss), options

    def _center_and_scale(self, X):
        """Mean and standard deviation of each column, or 0 and 1; a constant column has scale 1."""
        if not self.standardize:
            return np.zeros(X.shape[1]), np.ones(X.shape[1])
        with np.errstate(over="ignore", invalid="ignore"):
            mean, scale = X.mean(axis=0, dtype=np.float64), X.std(axis=0, dtype=np.float64)
        names = getattr(self, "feature_names_in_", np.arange(X.shape[1]))
        if not np.isfinite(scale).all():
            raise ValueError(f"Column {names[~np.isfinite(scale)].tolist()[0]!r} of X is too large to be standardized; "
                             "measure it in a larger unit.")
        constant = np.ptp(X, axis=0) <= 1e-14 * np.abs(mean)  # up to rounding
        if constant.any():
            shown = ", ".join(map(repr, names[constant].tolist()[:5])) + (", ..." if constant.sum() > 5 else "")
            warnings.warn(f"X has constant columns, from which nothing can be learned: {shown}. "
                          "They are centered, not scaled.", stacklevel=4)
        return mean, np.where(constant, 1, scale)

    @property
    def _numpy(self):
        """The trained model in float64: what it says about a row does not depend on the other rows."""
        check_is_fitted(self)
        weights = {name: array.astype(np.float64) for name, array in self.weights_.items()}
        spec = dataclasses.replace(self.spec_, dtype="float64")
        return NumpyAutoencoder(spec, weights, self._class_name, self._options)

    def _standardized(self, X):
        check_is_fitted(self)
        X = check_table(self, X)
        return (X - self.mean_) / self.scale_, X.dtype

    def _squared_errors(self, x):
        """The squared error of each entry of standardized rows."""
        return np.square(x - self._numpy.reconstruct(x))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if tags.transformer_tags is not None:
            tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
