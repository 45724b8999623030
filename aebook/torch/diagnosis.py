"""Diagnosis: what went wrong in a training run."""
import torch

from aebook.diagnosis import Layer, Norm, Readings, judge, rows_to_read
from aebook.errors import SpecError
from aebook.specs import Custom
from aebook.torch.arrays import from_numpy, to_numpy, where
from aebook.torch.autoencoder import Autoencoder
from aebook.torch.blocks import Activation, BatchNorm
from aebook.torch.inference import evaluating
from aebook.torch.recurrent import GRU, Last
from aebook.torch.variational import VariationalAutoencoder
from aebook.torch.weights import LAYERS

__all__ = ["diagnose"]


def diagnose(history, model, x):
    """Return what went wrong in a training run, each failure by its name, with what to try first.

    A list without entries means that no rule found anything; `print` says so, and which checks
    could not be made. The rules read the history, and what the model answers to at most 1000
    evenly spaced examples:

    - exploding loss: a loss that is not finite, or ends far above its lowest;
    - data not scaled: the root mean square of x is far from 1, or x leaves the range of a sigmoid
      output;
    - dead units, saturated units: most units of a layer (ReLU, ELU, GELU; sigmoid, tanh, the states
      of recurrent units) answer no example, or are flat on nearly all;
    - sum-mean slip: a divergence that is summed over units, beside a reconstruction averaged over
      features;
    - collapsed posterior, partly collapsed posterior: all or most units of a variational code
      carry no information;
    - unsettled batch statistics: the running statistics of batch normalization are not the data's;
    - worse in use than in training: x costs far more than the loss at the end of the run says;
    - step too small or not finished, stuck at the mean image: the reconstructions are no better
      than the mean of x, with and without a loss that still falls. These three are told only where
      no cause above is found;
    - overfitting: the validation loss rises, or lies far above the training loss.

    Of an encoder and decoder of your own the hidden units are not read, and without x_val
    overfitting is not judged: both are then named in `left_out`.

    Parameters
    ----------
    history : History
        Of the run. Of one that ended in NonFiniteLossError: the `history` of the error.
    model : Autoencoder
        As the run left it. Not changed.
    x : array_like of shape (examples, input_dim)
        Training data, or a part of them.

    Returns
    -------
    Findings
        A list of `aebook.diagnosis.Finding`, each with `name`, `symptom` and `remedy`, causes
        first. Its `numbers` are what was measured, whatever the verdict.

    Raises
    ------
    DataError
        If the history is none, x holds a single example, has the wrong shape, is not finite, or is
        out of range under the Bernoulli likelihood.
    SpecError
        If the model is not one of this framework.

    References
    ----------
    Chapter "When it does not learn", where each failure is produced, recognized and repaired.

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP, Training
    >>> from aebook.torch import Autoencoder, fit
    >>> x, model = np.eye(8), Autoencoder(MLP(8, (16,), 8))
    >>> diagnose(fit(model, x, Training(steps=20, learning_rate=1e-6)), model, x).names
    ['step too small or not finished']
    >>> print(diagnose(fit(model, x, Training(steps=300, learning_rate=1e-2)), model, x))
    No finding.
    Not checked: overfitting (no validation loss).
    """
    if not isinstance(model, Autoencoder):
        raise SpecError(f"model must be an Autoencoder of aebook.torch, not {type(model).__name__}.")
    x = rows_to_read(history, model.spec, x)
    with torch.no_grad(), evaluating(model):
        return judge(history, _read(model, x))


def _read(model, x):
    """The model at work on all rows at once, unit by unit."""
    spec, rows = model.spec, from_numpy(x, model.spec.dtype, where(model))
    z = model.encode(rows)
    readings = Readings(x, to_numpy(model.decode(z)), spec.likelihood,
                        spec.likelihood == "bernoulli" or getattr(spec, "output", "") == "sigmoid")
    readings.terms = {"reconstruction": model.reconstruction_loss(rows, model.decoder(z)).item()}
    if isinstance(model, VariationalAutoencoder):
        readings.posterior = tuple(map(to_numpy, model.posterior(rows)))
        readings.terms["kl"] = model.loss_terms(rows, torch.zeros_like(z))["kl"].item()
        readings.beta = model.options["beta"]
    if isinstance(spec, Custom):
        readings.left_out["hidden units"] = "an encoder and decoder of your own"
    else:
        _walk("encoder", model.encoder, rows, readings)
        _walk("decoder", model.decoder, z, readings)
    if readings.posterior is None:
        readings.layers.append(Layer("code", spec.latent_activation, to_numpy(z),
                                     model.options.get("sparsity") == "topk"))
    return readings


def _walk(part, modules, h, readings):
    """Append what the hidden units of an encoder or decoder answer, layer by layer."""
    i = -1
    for module in modules:
        before, h = h, module(h)
        name = f"{part}.{i}"
        if isinstance(module, BatchNorm):
            variance, mean = torch.var_mean(before, (0, *range(2, h.ndim)), correction=0)
            readings.norms.append(Norm(name, *map(to_numpy, (mean, variance, module.running_mean,
                                                             module.running_var))))
        elif isinstance(module, Activation) and module is not modules[-1]:
            readings.layers.append(Layer(name, module.name, _rows(h)))
        elif type(module) in LAYERS:
            i += 1
            if isinstance(module, GRU):
                readings.layers.append(Layer(f"{part}.{i}", "tanh", _rows(h)))
        elif isinstance(module, Last):  # only the last state of this layer is used
            readings.layers[-1].h = _rows(h)


def _rows(h):
    """(batch, channels, height, width) or (batch, steps, units) to (rows, units)."""
    h = h.movedim(1, -1) if h.ndim == 4 else h
    return to_numpy(h.reshape(-1, h.shape[-1]))

