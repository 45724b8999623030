r"""Each displayed equation that defines a function of the package says which one, and the two agree.

In a chapter such an equation is followed by the comment `<!-- equation: NAME -->`. Here each is written out once
more, symbol by symbol as the page has it, in plain loops over numbers, and compared on random input with the oracle
and with both frameworks; a function of `metrics` is compared alone.
"""
import math
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

import aebook
from aebook import metrics, reference

ROOT = Path(__file__).parents[1]
MARK = re.compile(r"\$\$(?:[^$]+)\$\$\s*<!-- equation: (\w+) -->")
ANY_MARK = re.compile(r"<!-- equation:")
rng = np.random.default_rng(20)


def chapters():
    return sorted(path for path in (ROOT / "book").rglob("*.ipynb")
                  if not any(part.startswith((".", "_")) for part in path.relative_to(ROOT).parts))


def prose(path):
    return "\n\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown")


def kl_of_coins(p, q):
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


def batch_norm_gradients(a, gamma, g):
    """Those of a, row by row, then of gamma, then of beta."""
    n, d = a.shape
    of_a, of_gamma = [[0] * d for _ in range(n)], []
    for i in range(d):
        m = sum(a[:, i]) / n
        sigma = math.sqrt(sum((v - m) ** 2 for v in a[:, i]) / n + 1e-5)
        s = [(v - m) / sigma for v in a[:, i]]
        g_bar, gs_bar = sum(g[:, i]) / n, sum(g[j, i] * s[j] for j in range(n)) / n
        for k in range(n):
            of_a[k][i] = gamma[i] / sigma * (g[k, i] - g_bar - s[k] * gs_bar)
        of_gamma.append(sum(g[j, i] * s[j] for j in range(n)))
    return of_a, of_gamma, [sum(g[j, i] for j in range(n)) for i in range(d)]


X, X_HAT = rng.random((7, 5)), rng.random((7, 5))
A = rng.normal(size=(7, 5))
MU, LOG_VAR, EPS = rng.normal(size=(3, 7, 5))
ORTHONORMAL, ORTHONORMAL_TOO = np.linalg.qr(rng.normal(size=(2, 5, 5)))[0]
N, D = X.shape
cells = [(j, i) for j in range(N) for i in range(D)]

def phi(a):
    return math.exp(-a**2 / 2) / math.sqrt(2 * math.pi)


def normal_cdf(a):
    return math.erfc(-a / math.sqrt(2)) / 2


def logistic(a):
    return 1 / (1 + math.exp(-a))


# name of the activation -> f and f', line by line as the page has them
ACTIVATIONS = {
    "linear": (lambda a: a, lambda a: 1),
    "relu": (lambda a: max(a, 0), lambda a: int(a > 0)),
    "leaky_relu": (lambda a: max(a, 0.01 * a), lambda a: int(a > 0) + 0.01 * int(a <= 0)),
    "sigmoid": (logistic, lambda a: logistic(a) * (1 - logistic(a))),
    "tanh": (math.tanh, lambda a: 1 - math.tanh(a) ** 2),
    "elu": (lambda a: max(a, 0) + math.exp(min(a, 0)) - 1, lambda a: math.exp(min(a, 0))),
    "gelu": (lambda a: a * normal_cdf(a), lambda a: normal_cdf(a) + a * phi(a)),
}

# name of the function -> what the equation gives, the arguments of the function
EQUATIONS = {
    "squared_error": (
        sum((X[j, i] - X_HAT[j, i]) ** 2 for j, i in cells) / N,
        (X, X_HAT)),
    "batch_norm": (
        [[X[0, i] * (A[j, i] - sum(A[:, i]) / N)
          / math.sqrt(sum((A[m, i] - sum(A[:, i]) / N) ** 2 for m in range(N)) / N + 1e-5) + X_HAT[0, i]
          for i in range(D)] for j in range(N)],
        (A, X[0], X_HAT[0])),
    "batch_norm_grad": (
        batch_norm_gradients(A, X[0], MU),
        (A, X[0], X_HAT[0], 1e-5, MU)),
    "pca_error": (
        sum(sorted(np.linalg.eigvalsh(
            [[sum((X[j, p] - X[:, p].mean()) * (X[j, q] - X[:, q].mean()) for j in range(N)) / N for q in range(D)]
             for p in range(D)]))[:D - 2]),
        (X, X, 2)),
    "l1_penalty": (
        sum(abs(A[j, i]) for j, i in cells),
        (A,)),
    "l2_penalty": (
        sum(A[j, i] ** 2 for j, i in cells),
        (A,)),
    "dropout": (
        [[0 if X[j, i] < 0.3 else A[j, i] / (1 - 0.3) for i in range(D)] for j in range(N)],
        (A, 0.3, X)),
    "principal_angles": (
        np.arccos(sorted(np.linalg.svd(ORTHONORMAL[:, :2].T @ ORTHONORMAL_TOO[:, :2])[1])),
        (ORTHONORMAL[:, :2], ORTHONORMAL_TOO[:, :2])),
    "mean_activity": (
        [sum(X[i, j] for i in range(N)) / N for j in range(D)],
        (X,)),
    "bernoulli_kl": (
        sum(kl_of_coins(0.05, r) for r in X[0]),
        (X[0], 0.05)),
    "reparameterize": (
        [[MU[j, i] + math.exp(LOG_VAR[j, i] / 2) * EPS[j, i] for i in range(D)] for j in range(N)],
        (MU, LOG_VAR, EPS)),
    "gaussian_kl": (
        sum((MU[j, i] ** 2 + math.exp(LOG_VAR[j, i]) - 1 - LOG_VAR[j, i]) / 2 for j, i in cells) / N,
        (MU, LOG_VAR)),
    "elbo": (
        [[-X[j, i] - 0.5 * X_HAT[j, i] for i in range(D)] for j in range(N)],
        (X, X_HAT, 0.5)),
    "gaussian_nll": (
        sum(math.log(2 * math.pi) + LOG_VAR[j, i] + (X[j, i] - MU[j, i]) ** 2 / math.exp(LOG_VAR[j, i])
            for j, i in cells) / 2 / N,
        (X, MU, LOG_VAR)),
    "bernoulli_nll_from_probabilities": (
        -sum(X[j, i] * math.log(X_HAT[j, i]) + (1 - X[j, i]) * math.log(1 - X_HAT[j, i]) for j, i in cells) / N,
        (X, X_HAT)),
    "bernoulli_nll": (
        sum(max(A[j, i], 0) - A[j, i] * X[j, i] + math.log(1 + math.exp(-abs(A[j, i]))) for j, i in cells) / N,
        (X, A)),
    "bernoulli_nll_grad": (
        [[(1 / (1 + math.exp(-A[j, i])) - X[j, i]) / N for i in range(D)] for j in range(N)],
        (X, A)),
    "psnr": (
        [10 * math.log10(1 / (sum((X[j, i] - X_HAT[j, i]) ** 2 for i in range(D)) / D)) for j in range(N)],
        (X, X_HAT)),
    "iwae_bound": (
        sum(math.log(sum(math.exp(A[j, k]) for j in range(N)) / N) for k in range(D)) / D,
        (A,)),
    "activation": (
        [[ACTIVATIONS["gelu"][0](A[j, i]) for i in range(D)] for j in range(N)],
        ("gelu", A)),
    "activation_grad": (
        [[ACTIVATIONS["gelu"][1](A[j, i]) for i in range(D)] for j in range(N)],
        ("gelu", A)),
}


def value(answer):
    if isinstance(answer, tuple):       # several arrays, one after the other
        return np.concatenate([np.ravel(part) for part in answer]).astype(float)
    return np.asarray(answer, dtype=float)


def test_the_equations_that_are_marked_are_those_tested():
    assert {name for path in chapters() for name in MARK.findall(prose(path))} == set(EQUATIONS)


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_each_mark_follows_a_displayed_equation_and_its_chapter_names_the_function(path):
    text = prose(path)
    marked = MARK.findall(text)
    assert len(marked) == len(ANY_MARK.findall(text))
    for name in marked:
        assert re.search(rf"`(?:\w+\.)*{name}(?:\(.*?\))?`", text), name


@pytest.mark.parametrize("name", EQUATIONS)
def test_the_equation_gives_what_the_package_gives(name):
    written_out, arguments = EQUATIONS[name]
    if hasattr(metrics, name):
        np.testing.assert_allclose(value(getattr(metrics, name)(*arguments)), value(written_out), rtol=1e-9, atol=1e-12)
        return
    np.testing.assert_allclose(value(getattr(reference, name)(*arguments)), value(written_out), rtol=1e-12, atol=1e-12)
    if name.endswith("_grad"):
        return          # the oracle's alone: the frameworks differentiate, and test_contract.py compares
    for ae in aebook.twins():
        tensors = [ae.from_numpy(a.astype("float32")) if isinstance(a, np.ndarray) else a for a in arguments]
        np.testing.assert_allclose(ae.to_numpy(getattr(ae, name)(*tensors)), value(written_out), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", aebook.specs.ACTIVATIONS)
def test_each_line_of_the_activations_is_what_the_package_gives(name):
    a = [*A.ravel(), 0.0]
    for function, line in zip(("activation", "activation_grad"), ACTIVATIONS[name]):
        written_out = [line(number) for number in a]
        np.testing.assert_allclose(getattr(reference, function)(name, a), written_out, rtol=1e-12, atol=1e-12)
        for ae in aebook.twins():
            answer = getattr(ae, function)(name, ae.from_numpy(np.array(a, "float32")))
            np.testing.assert_allclose(ae.to_numpy(answer), written_out, rtol=1e-5, atol=1e-6)
