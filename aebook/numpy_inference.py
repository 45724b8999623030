"""A trained model at work with NumPy alone: what you ship to a machine that has no framework."""
import math

import numpy as np

from aebook.files import read_model
from aebook.validation import check_data

__all__ = ["NumpyAutoencoder", "load_numpy"]


def gelu(a):
    from scipy.special import erf  # NumPy has none; loaded only for models that need it
    return 0.5 * a * (1 + erf(a / math.sqrt(2)))


def sigmoid(a):
    e = np.exp(-np.abs(a))  # at most 1: nothing overflows
    return np.where(a >= 0, 1, e) / (1 + e)


# The conventions of the twins: leaky_relu has slope 0.01, elu has alpha = 1, gelu is the exact one.
# Constants are Python floats: they leave float32 as it is.
ACTIVATIONS = {
    "linear": lambda a: a,
    "relu": lambda a: np.maximum(a, 0),
    "leaky_relu": lambda a: np.where(a > 0, a, 0.01 * a),
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "elu": lambda a: np.where(a > 0, a, np.expm1(np.minimum(a, 0))),
    "gelu": gelu,
}


def dense(weight, bias, activation):
    """The function of a fully connected layer: h -> f(h W + b), W of shape (in, out)."""
    f = ACTIVATIONS[activation]
    return lambda h: f(h @ weight + bias)


def dense_layers(spec, weights):
    """The layers of the encoder and of the decoder of a fully connected autoencoder."""
    n = len(spec.hidden_dims) + 1
    if spec.tied:
        weights = weights | {f"decoder.{i}.weight": weights[f"encoder.{n - 1 - i}.weight"].T for i in range(n)}
    return [[dense(weights[f"{part}.{i}.weight"], weights[f"{part}.{i}.bias"], spec.activation if i < n - 1 else last)
             for i in range(n)] for part, last in (("encoder", spec.latent_activation), ("decoder", spec.output))]


def code_of(class_name, spec, options):
    """The step from what the encoder puts out to the code, for the classes that have one."""
    if class_name == "VariationalAutoencoder":
        return [lambda out: out[:, :spec.latent_dim]]  # the mean; the other half is the log-variance
    if options.get("sparsity") == "topk":
        return [lambda z: keep_largest(z, options["k"])]
    return []


def keep_largest(z, k):
    """Keep the k largest entries of each row, the first of equals, and set the rest to zero."""
    kept = np.argsort(-z, axis=1, kind="stable")[:, :k]
    out = np.zeros_like(z)
    np.put_along_axis(out, kept, np.take_along_axis(z, kept, axis=1), axis=1)
    return out


LAYERS = {"MLP": dense_layers}  # for each kind of spec, what makes functions of its weights


class NumpyAutoencoder:
    """An autoencoder that computes with NumPy what the twins compute with their frameworks.

    Parameters
    ----------
    spec : MLP
    weights : dict of str to ndarray
        In the canonical layout, as `get_weights` of either twin and `read_model` return them.
    class_name : str
        The class of the model in the twins.
    options : dict, optional
        What else that class is made with.

    Attributes
    ----------
    spec : MLP

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.random import dense_weights
    >>> from aebook.specs import MLP
    >>> spec = MLP(input_dim=4, hidden_dims=(3,), latent_dim=2)
    >>> NumpyAutoencoder(spec, dense_weights(spec, seed=0)).encode(np.zeros((5, 4))).shape
    (5, 2)
    """

    def __init__(self, spec, weights, class_name="Autoencoder", options=None):
        self.spec = spec
        self._encoder, self._decoder = LAYERS[type(spec).__name__](spec, weights)
        self._encoder = [*self._encoder, *code_of(class_name, spec, options or {})]
        if spec.likelihood == "bernoulli":  # the decoder of a file ends with logits
            self._decoder = [*self._decoder, sigmoid]

    def encode(self, x, batch_size=1024):
        """Return the codes of examples; shapes (examples, input_dim) -> (examples, latent_dim).

        A DataError says what is wrong with x, as it does in the twins.
        """
        return _in_batches(self._encoder, self._check(x), batch_size)

    def decode(self, z, batch_size=1024):
        """Return x_hat in the units of the data; shapes (examples, latent_dim) -> (examples, input_dim).

        A DataError says what is wrong with z.
        """
        z = check_data(z, self.spec.latent_dim, dtype=self.spec.dtype, name="z")
        return _in_batches(self._decoder, z, batch_size)

    def reconstruct(self, x, batch_size=1024):
        """Return decode(encode(x)); shapes (examples, input_dim) -> (examples, input_dim)."""
        return _in_batches([*self._encoder, *self._decoder], self._check(x), batch_size)

    def _check(self, x):
        return check_data(x, self.spec.input_dim, dtype=self.spec.dtype,
                          unit_interval=self.spec.likelihood == "bernoulli")


def _in_batches(layers, x, batch_size):
    out = []
    for i in range(0, len(x), batch_size):
        h = x[i:i + batch_size]
        for layer in layers:
            h = layer(h)
        out.append(h)
    return np.concatenate(out)


def load_numpy(path):
    """Load a model that `save` of either twin wrote, for inference with NumPy alone.

    Needs neither PyTorch nor TensorFlow.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    NumpyAutoencoder
        With `spec`, `encode`, `decode` and `reconstruct`; float32 or float64 as the spec says.

    Raises
    ------
    ModelFileError
        If the file cannot be read, is damaged, is of another kind, or is of a newer version.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from aebook.files import write_model
    >>> from aebook.random import dense_weights
    >>> from aebook.specs import MLP
    >>> spec = MLP(input_dim=4, hidden_dims=(3,), latent_dim=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small.safetensors")
    ...     write_model(path, "Autoencoder", spec, dense_weights(spec, seed=0))
    ...     load_numpy(path).reconstruct(np.zeros((5, 4))).shape
    (5, 4)
    """
    class_name, spec, weights, options = read_model(path)
    return NumpyAutoencoder(spec, weights, class_name, options)
