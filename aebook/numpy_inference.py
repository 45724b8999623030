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


def dense(weight, bias):
    """The products of a fully connected layer: h -> h W + b, W of shape (in, out)."""
    return lambda h: h @ weight + bias


def convolution(weight, bias):
    """A convolution with kernel 4, stride 2 and padding 1, (batch, height, width, in) to half of both.

    One matrix product for each of the kernel's 16 positions, over all places at once.
    """
    def apply(h):
        height, width = h.shape[1] // 2, h.shape[2] // 2
        h = np.pad(h, [(0, 0), (1, 1), (1, 1), (0, 0)])
        return bias + sum(h[:, i:i + 2 * height:2, j:j + 2 * width:2] @ weight[i, j]
                          for i in range(4) for j in range(4))
    return apply


def transposed_convolution(weight, bias):
    """The same the other way round: each place adds to the 4 x 4 places of twice the size that it comes from."""
    def apply(h):
        n, height, width, _ = h.shape
        out = np.zeros((n, 2 * height + 2, 2 * width + 2, weight.shape[2]), h.dtype)
        for i in range(4):
            for j in range(4):
                out[:, i:i + 2 * height:2, j:j + 2 * width:2] += h @ weight[i, j].T
        return out[:, 1:-1, 1:-1] + bias
    return apply


def gru(weight, recurrent_weight, bias, recurrent_bias):
    """Gated recurrent units, (batch, steps, in) to (batch, steps, out); gates: update, reset, candidate."""
    def apply(h):
        given, state, states = h @ weight + bias, np.zeros((len(h), recurrent_bias.size // 3), h.dtype), []
        for t in range(h.shape[1]):
            update, reset, candidate = np.split(given[:, t], 3, axis=1)
            own_update, own_reset, own_candidate = np.split(state @ recurrent_weight + recurrent_bias, 3, axis=1)
            update, reset = sigmoid(update + own_update), sigmoid(reset + own_reset)
            state = update * state + (1 - update) * np.tanh(candidate + reset * own_candidate)
            states.append(state)
        return np.stack(states, axis=1)
    return apply


def normalization(weights, layer):
    """Batch normalization by the statistics of the training, where a layer has them."""
    if f"{layer}.gamma" not in weights:
        return []
    gamma, beta, mean, variance = (weights[f"{layer}.{name}"] for name in ("gamma", "beta", "running_mean",
                                                                           "running_var"))
    scale = gamma / np.sqrt(variance + 1e-5)
    return [lambda h: (h - mean) * scale + beta]


def products(kind, weights, layer):
    """A layer with its bias, or with 0 where a normalization takes its place."""
    return kind(weights[f"{layer}.weight"], weights.get(f"{layer}.bias", 0))


def mlp_layers(spec, weights):
    n = len(spec.hidden_dims) + 1
    if spec.tied:
        weights = weights | {f"decoder.{i}.weight": weights[f"encoder.{n - 1 - i}.weight"].T for i in range(n)}
    f, stacks = ACTIVATIONS[spec.activation], []
    for part, last in (("encoder", spec.latent_activation), ("decoder", spec.output)):
        layers = []
        for i in range(n):
            layers += [products(dense, weights, f"{part}.{i}"), *normalization(weights, f"{part}.{i}"),
                       f if i < n - 1 else ACTIVATIONS[last]]
        stacks.append(layers)
    return stacks


def conv_layers(spec, weights):
    n, f = len(spec.channels), ACTIVATIONS[spec.activation]
    encoder, decoder = [lambda x: x.reshape(-1, *spec.image_shape)], [products(dense, weights, "decoder.0"),
                                                                     lambda h: h.reshape(-1, *spec.map_shape),
                                                                     *normalization(weights, "decoder.0"), f]
    for i in range(n):
        encoder += [products(convolution, weights, f"encoder.{i}"), *normalization(weights, f"encoder.{i}"), f]
    encoder += [flat, products(dense, weights, f"encoder.{n}"), ACTIVATIONS[spec.latent_activation]]
    for i in range(1, n + 1):
        decoder += [products(transposed_convolution, weights, f"decoder.{i}"),
                    *normalization(weights, f"decoder.{i}"), f if i < n else ACTIVATIONS[spec.output]]
    return encoder, [*decoder, flat]


def recurrent_layers(spec, weights):
    n, (steps, _) = len(spec.hidden_dims), spec.sequence_shape

    def stack(part):
        names = ("weight", "recurrent_weight", "bias", "recurrent_bias")
        return [gru(*(weights[f"{part}.{i}.{name}"] for name in names)) for i in range(n)]
    return ([lambda x: x.reshape(-1, *spec.sequence_shape), *stack("encoder"), lambda h: h[:, -1],
             products(dense, weights, f"encoder.{n}"), ACTIVATIONS[spec.latent_activation]],
            [lambda z: np.repeat(z[:, None], steps, axis=1), *stack("decoder"),
             products(dense, weights, f"decoder.{n}"), flat, ACTIVATIONS[spec.output]])


def flat(h):
    return h.reshape(len(h), -1)


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


# For each kind of spec, what makes functions of its weights: those of the encoder and those of the decoder.
LAYERS = {"MLP": mlp_layers, "Conv": conv_layers, "Recurrent": recurrent_layers}


class NumpyAutoencoder:
    """An autoencoder that computes with NumPy what the twins compute with their frameworks.

    Parameters
    ----------
    spec : MLP, Conv or Recurrent
    weights : dict of str to ndarray
        In the canonical layout, as `get_weights` of either twin and `read_model` return them.
    class_name : str
        The class of the model in the twins.
    options : dict, optional
        What else that class is made with.

    Attributes
    ----------
    spec : MLP, Conv or Recurrent

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.random import initial_weights
    >>> from aebook.specs import MLP
    >>> spec = MLP(input_dim=4, hidden_dims=(3,), latent_dim=2)
    >>> NumpyAutoencoder(spec, initial_weights(spec, seed=0)).encode(np.zeros((5, 4))).shape
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
    >>> from aebook.random import initial_weights
    >>> from aebook.specs import MLP
    >>> spec = MLP(input_dim=4, hidden_dims=(3,), latent_dim=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small.safetensors")
    ...     write_model(path, "Autoencoder", spec, initial_weights(spec, seed=0))
    ...     load_numpy(path).reconstruct(np.zeros((5, 4))).shape
    (5, 4)
    """
    class_name, spec, weights, options = read_model(path)
    return NumpyAutoencoder(spec, weights, class_name, options)
