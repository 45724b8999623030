"""Weights in and out, in the layout that both frameworks share."""
import torch
from torch import nn

from aebook.specs import Custom
from aebook.torch.arrays import to_numpy
from aebook.torch.blocks import BatchNorm
from aebook.torch.dense import TiedLinear
from aebook.torch.recurrent import GRU
from aebook.weights import check_weights

__all__ = ["get_weights", "set_weights"]


def swap_gates(t):
    """Reset, update, candidate as PyTorch has them to update, reset, candidate, or back."""
    first, second, third = t.chunk(3)
    return torch.cat([second, first, third])


# From PyTorch's layout to the canonical one, and back.
SAME = (lambda t: t, lambda t: t)
TRANSPOSED = (lambda t: t.T, lambda t: t.T)  # (out, in)
KERNELS = (lambda t: t.permute(2, 3, 1, 0), lambda t: t.permute(3, 2, 0, 1))  # (out, in, height, width)
GATES = (lambda t: swap_gates(t).T, lambda t: swap_gates(t.T))
GATE_BIASES = (swap_gates, swap_gates)
LAYERS = {  # canonical name -> PyTorch's, and the layout
    nn.Linear: {"weight": ("weight", TRANSPOSED), "bias": ("bias", SAME)},
    TiedLinear: {"bias": ("bias", SAME)},
    nn.Conv2d: {"weight": ("weight", KERNELS), "bias": ("bias", SAME)},
    nn.ConvTranspose2d: {"weight": ("weight", KERNELS), "bias": ("bias", SAME)},  # (in, out, height, width)
    GRU: {"weight": ("weight_ih_l0", GATES), "recurrent_weight": ("weight_hh_l0", GATES),
          "bias": ("bias_ih_l0", GATE_BIASES), "recurrent_bias": ("bias_hh_l0", GATE_BIASES)},
    BatchNorm: {name: (name, SAME) for name in ("gamma", "beta", "running_mean", "running_var")},
}


def stored_tensors(model):
    """Each weight by its canonical name, as PyTorch holds it, with the way to the canonical layout and back."""
    tensors = {}
    for part in ("encoder", "decoder"):
        module = getattr(model, part)
        if isinstance(model.spec, Custom):
            tensors |= {f"{part}.{name}": (t, SAME) for name, t in module.state_dict(keep_vars=True).items()}
            continue
        i = -1
        for layer in module:
            i += type(layer) in LAYERS and type(layer) is not BatchNorm  # which belongs to the layer before it
            for name, (attribute, layout) in LAYERS.get(type(layer), {}).items():
                if getattr(layer, attribute) is not None:
                    tensors[f"{part}.{i}.{name}"] = getattr(layer, attribute), layout
    return tensors


def named_tensors(model):
    """Each weight by its canonical name, in the canonical layout; gradients flow through."""
    return {name: layout[0](t) for name, (t, layout) in stored_tensors(model).items()}


def kernels(model):
    """The weight matrices and kernels of a model: what l1 and l2 penalize."""
    return [t for name, (t, _) in stored_tensors(model).items() if name.endswith("weight") and t.ndim > 1]


def get_weights(model):
    """Return a copy of a model's weights as NumPy arrays in the canonical layout.

    Parameters
    ----------
    model : Autoencoder

    Returns
    -------
    dict of str to ndarray
        `encoder.0.weight` of shape (in, out), `encoder.0.bias` of shape (out,), and so on, as
        `aebook.weights` describes. Of an encoder and decoder of your own: their state_dict.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> from aebook.torch import Autoencoder
    >>> get_weights(Autoencoder(MLP(4, (3,), 2)))["encoder.0.weight"].shape
    (4, 3)
    """
    return {name: to_numpy(t).copy() for name, t in named_tensors(model).items()}


@torch.no_grad()
def set_weights(model, weights):
    """Set a model's weights from NumPy arrays in the canonical layout.

    Parameters
    ----------
    model : Autoencoder
    weights : dict of str to array_like
        As `get_weights` of either twin returns them.

    Raises
    ------
    WeightsError
        If a name is missing or unknown, a shape differs, or a value is not finite; the model is
        then left as it was.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> from aebook.torch import Autoencoder
    >>> a, b = Autoencoder(MLP(4, (3,), 2), seed=0), Autoencoder(MLP(4, (3,), 2), seed=1)
    >>> set_weights(b, get_weights(a))
    """
    stored = stored_tensors(model)
    weights = check_weights(weights, {name: tuple(layout[0](t).shape) for name, (t, layout) in stored.items()})
    for name, (tensor, layout) in stored.items():
        tensor.copy_(layout[1](torch.from_numpy(weights[name])))
