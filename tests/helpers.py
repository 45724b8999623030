"""What several test files need: the twins by name, and tensors of either in one line."""
import numpy as np

import aebook

TWINS = {"torch": aebook.torch, "tensorflow": aebook.tensorflow}


def value_and_gradients(twin, function, *arrays, dtype="float64"):
    """The value of function(*tensors) and its gradients with respect to each of them, as NumPy."""
    if twin == "torch":
        tensors = [TWINS[twin].from_numpy(a, dtype).clone().requires_grad_() for a in arrays]
        value = function(*tensors)
        value.sum().backward()
        return value.detach().cpu().numpy(), [t.grad.cpu().numpy() for t in tensors]
    import tensorflow as tf
    tensors = [TWINS[twin].from_numpy(a, dtype) for a in arrays]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = function(*tensors)
    return value.numpy(), [g.numpy() for g in tape.gradient(value, tensors)]


def weight_gradients(twin, model, x, eps=None):
    """Loss of a batch and its gradient with respect to every weight, in the canonical layout."""
    x = TWINS[twin].from_numpy(x, model.spec.dtype)
    eps = None if eps is None else TWINS[twin].from_numpy(eps, model.spec.dtype)
    if twin == "torch":
        model.zero_grad()
        loss = model.loss_terms(x, eps)["loss"]
        loss.backward()
        layers = [(p, i, m) for p in ("encoder", "decoder")
                  for i, m in enumerate(m for m in getattr(model, p).modules() if hasattr(m, "in_features"))]
        gradients = {f"{p}.{i}.weight": m.weight.grad.T for p, i, m in layers}
        gradients |= {f"{p}.{i}.bias": m.bias.grad for p, i, m in layers}
        return loss.item(), {n: g.cpu().numpy() for n, g in gradients.items()}
    import tensorflow as tf

    from aebook.tensorflow.weights import named_tensors
    tensors = named_tensors(model)
    with tf.GradientTape() as tape:
        loss = model.loss_terms(x, eps)["loss"]
    return float(loss), {n: g.numpy() for n, g in zip(tensors, tape.gradient(loss, list(tensors.values())))}


def relative(a, b):
    """Largest difference of two arrays, relative to the largest value of the second."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return np.abs(a - b).max() / np.abs(b).max()


def digits_like(n, features=64, seed=0):
    """Random data in [0, 1] with exact zeros and ones, as images have."""
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(0.3, 0.5, (n, features)), 0, 1).astype(np.float32)
