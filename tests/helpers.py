"""What several test files need: the twins by name, and tensors of either in one line."""
import importlib

import numpy as np
from hypothesis import strategies as st

import aebook
from aebook import reference

TWINS = {"torch": aebook.torch, "tensorflow": aebook.tensorflow}


def floats32(low, high, **options):
    """A hypothesis strategy for float32 numbers without subnormal ones.

    TensorFlow flushes numbers below 1.2e-38 to zero (so that log(1e-40) is -inf and sign(1e-40) is
    0); PyTorch and NumPy keep them.
    """
    return st.floats(low, high, width=32, allow_subnormal=False, **options)


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


def finite_differences(function, at, h=1e-6):
    """The gradient of a function at a float64 array, by central differences."""
    gradient = np.empty_like(at)
    for i in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[i] = h
        gradient[i] = (function(at + step) - function(at - step)) / (2 * h)
    return gradient


def oracle(name, fixed, variables, options):
    """Value of a formula by the oracle, and its gradients with respect to the variables.

    A call is formula(*fixed, *variables, **options); the gradient of an array is that of its sum.
    """
    value = getattr(reference, name)(*fixed, *variables, **options)
    gradients = getattr(reference, f"{name}_grad")(*fixed, *variables, **options)
    return value, gradients if isinstance(gradients, tuple) else (gradients,)


def by_twin(twin, name, fixed, variables, options, dtype):
    """The same by a twin, which gets every array as a tensor of that dtype."""
    def tensor(a):
        return TWINS[twin].from_numpy(a, dtype) if isinstance(a, np.ndarray) else a
    fixed, options = [tensor(a) for a in fixed], {k: tensor(v) for k, v in options.items()}
    return value_and_gradients(twin, lambda *v: getattr(TWINS[twin], name)(*fixed, *v, **options), *variables,
                               dtype=dtype)


def assert_oracle_gradients(name, fixed, variables, options=None, rtol=1e-5, atol=1e-6, h=1e-6):
    """The oracle's gradients equal finite differences of its value."""
    options = options or {}
    for i, gradient in enumerate(oracle(name, fixed, variables, options)[1]):
        def total(v, i=i):
            return np.sum(getattr(reference, name)(*fixed, *variables[:i], v, *variables[i + 1:], **options))
        np.testing.assert_allclose(gradient, finite_differences(total, variables[i], h), rtol=rtol, atol=atol)


def assert_twin_equals_oracle(twin, name, fixed, variables, options=None, *, dtype, rtol, atol):
    """Value and gradients of a twin equal the oracle's on the same, rounded, input."""
    options = options or {}
    fixed = [a.astype(dtype) if isinstance(a, np.ndarray) else a for a in fixed]
    variables = [v.astype(dtype) for v in variables]
    value, gradients = by_twin(twin, name, fixed, variables, options, dtype)
    expected, expected_gradients = oracle(name, fixed, variables, options)
    assert value.dtype == dtype
    with np.errstate(over="ignore"):  # infinity where the dtype overflows
        np.testing.assert_allclose(value, np.asarray(expected).astype(dtype), rtol=rtol, atol=atol)
        assert len(gradients) == len(expected_gradients)
        for gradient, expected in zip(gradients, expected_gradients):
            assert gradient.dtype == dtype
            np.testing.assert_allclose(gradient, expected.astype(dtype), rtol=rtol, atol=atol)


def begin_training(twin, model, n):
    """Put a model into the mode of training, with the dropout noise of a batch of n examples."""
    blocks = importlib.import_module(f"aebook.{twin}.blocks")
    if twin == "torch":
        model.train()
    else:
        model.training = True
    u = np.random.default_rng(9).random((n, blocks.dropout_width(model)))
    blocks.feed_dropout(model, TWINS[twin].from_numpy(u, model.spec.dtype))


def weight_gradients(twin, model, x, eps=None):
    """Loss of a batch and its gradient with respect to every weight, in the canonical layout."""
    x = TWINS[twin].from_numpy(x, model.spec.dtype)
    eps = None if eps is None else TWINS[twin].from_numpy(eps, model.spec.dtype)
    if twin == "torch":
        from aebook.torch.weights import stored_tensors
        model.zero_grad()
        loss = model.loss_terms(x, eps)["loss"]
        loss.backward()
        return loss.item(), {n: layout[0](t.grad).cpu().numpy() for n, (t, layout) in stored_tensors(model).items()
                             if t.requires_grad}
    import tensorflow as tf

    from aebook.tensorflow.weights import canonical, variables
    trained = {n: v for n, v in variables(model).items() if v.trainable}
    with tf.GradientTape() as tape:
        loss = model.loss_terms(x, eps)["loss"]
    gradients = tape.gradient(loss, list(trained.values()))
    return float(loss), {n: g.numpy() for n, g in canonical(dict(zip(trained, gradients))).items()}


def relative(a, b):
    """Largest difference of two arrays, relative to the largest value of the second."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return np.abs(a - b).max() / np.abs(b).max()


def digits_like(n, features=64, seed=0):
    """Random data in [0, 1] with exact zeros and ones, as images have."""
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(0.3, 0.5, (n, features)), 0, 1).astype(np.float32)
