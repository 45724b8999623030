"""Every formula at the corners: 0, 1, logits and log-variances of 100, no example, one, integers, NaN, tf.function."""
import importlib
import itertools

import numpy as np
import pytest
from helpers import TWINS, assert_oracle_gradients, assert_twin_equals_oracle, by_twin, oracle, relative
from test_contract import FORMULA_FILES

from aebook.specs import ACTIVATIONS

rng = np.random.default_rng(0)
UNIT, NORMAL, OTHER = rng.uniform(0.05, 0.95, (4, 3)), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
PIXELS, REAL, LOG_VAR = (0.0, 0.5, 1.0), (0.0, 1.0, -1.0, 100.0, -100.0), (0.0, 1e-6, 1.0, 100.0, -100.0)

# case -> formula, arguments before those it is differentiated by, those, options, corners of each array in turn
CASES = {
    "squared_error": ("squared_error", [UNIT], [NORMAL], {}, [(*PIXELS, 255.0), (*REAL, 1e20)]),
    "bernoulli_nll": ("bernoulli_nll", [UNIT], [NORMAL], {}, [PIXELS, (*REAL, 1e4, -1e4)]),
    "bernoulli_nll_from_probabilities": ("bernoulli_nll_from_probabilities", [UNIT], [1 - UNIT**2], {},
                                         [PIXELS, (0.0, 1e-30, 0.5, 1 - 2**-20, 1.0)]),
    "gaussian_nll": ("gaussian_nll", [UNIT], [NORMAL, OTHER], {}, [PIXELS, REAL, (*LOG_VAR, 200.0, -200.0)]),
    "l1_penalty": ("l1_penalty", [], [NORMAL], {}, [(*REAL, 1e20)]),
    "l2_penalty": ("l2_penalty", [], [NORMAL], {}, [(*REAL, 1e20)]),
    "mean_activity": ("mean_activity", [], [NORMAL], {}, [REAL]),
    "bernoulli_kl": ("bernoulli_kl", [], [UNIT[0]], {"rho": 0.05}, [(*PIXELS, 1e-30, 1 - 2**-20)]),
    "keep_largest": ("keep_largest", [], [NORMAL], {"k": 2}, [REAL]),
    "gaussian_kl": ("gaussian_kl", [], [NORMAL, OTHER], {}, [(*REAL, 1e20), LOG_VAR]),
    "reparameterize": ("reparameterize", [], [NORMAL, OTHER], {"eps": UNIT}, [REAL, (*LOG_VAR, 200.0, 2000.0)]),
    "elbo": ("elbo", [], [NORMAL, OTHER], {"beta": 0.5}, [REAL, REAL]),
    "iwae_bound": ("iwae_bound", [], [NORMAL.T], {}, [(*REAL, 1e4, -1e4, -np.inf)]),
    "gaussian_noise": ("gaussian_noise", [], [UNIT], {"scale": 0.5, "eps": NORMAL}, [PIXELS]),
    "masking_noise": ("masking_noise", [], [UNIT], {"rate": 0.5, "u": UNIT[::-1]}, [PIXELS]),
    "salt_and_pepper": ("salt_and_pepper", [], [UNIT], {"rate": 0.5, "u": UNIT[::-1]}, [PIXELS]),
    "dropout": ("dropout", [], [UNIT], {"rate": 0.5, "u": UNIT[::-1]}, [PIXELS]),
    "batch_norm": ("batch_norm", [], [NORMAL, UNIT[0], OTHER[0]], {}, [(*REAL, 1e20), REAL, REAL]),
}
for f in ACTIVATIONS:
    CASES |= {f"activation-{f}": ("activation", [f], [NORMAL], {}, [(*REAL, 1e20, -1e20)]),
              f"activation_grad-{f}": ("activation_grad", [f], [NORMAL], {}, [(*REAL, 1e20, -1e20)]),
              f"contractive_penalty-{f}": ("contractive_penalty", [], [OTHER[:2], NORMAL], {"activation": f},
                                           [REAL, (*REAL, 1e20, -1e20)])}
# float32: the exponents of the corners are up to 50, rounded by 2e-6, squared 4e-6; float64 likewise
TOLERANCE = {"float32": 1e-5, "float64": 2e-14}
every_case = pytest.mark.parametrize("case", CASES)
each_twin = pytest.mark.parametrize("twin", TWINS)


def empty(array):
    return array[:, :0] if array.shape == NORMAL.T.shape else array[:0]


def change(case, how):
    """A case with its arrays (the weights, scales and shifts of a layer excepted) replaced by how(array)."""
    name, fixed, variables, options, _ = CASES[case]

    def new(a):
        of_examples = isinstance(a, np.ndarray) and len(a) != 2 and not (name == "batch_norm" and a.ndim == 1)
        return how(a) if of_examples else a
    return name, [new(a) for a in fixed], [new(a) for a in variables], {k: new(v) for k, v in options.items()}


def test_every_formula_has_a_case():
    names = [n for file in FORMULA_FILES for n in importlib.import_module(f"aebook.torch.{file}").__all__]
    assert {name for name, *_ in CASES.values()} == set(names)


@every_case
def test_oracle_gradients_equal_finite_differences(case):
    assert_oracle_gradients(*CASES[case][:4])


@each_twin
@pytest.mark.parametrize("dtype", TOLERANCE)
@every_case
def test_corners(case, dtype, twin):
    """The right answer, infinity where the dtype overflows, NaN nowhere."""
    name, fixed, variables, options, corners = CASES[case]
    fixed = [a for a in fixed if isinstance(a, str)]
    data = len(corners) - len(variables)
    for values in itertools.product(*corners):
        arrays = [np.full((1, 1) if name != "bernoulli_kl" else 1, v, dtype) for v in values]
        at = {k: v[:1, :1] if isinstance(v, np.ndarray) else v for k, v in options.items()}
        value, gradients = oracle(name, fixed + arrays[:data], arrays[data:], at)
        assert not any(np.isnan(a).any() for a in (value, *gradients))
        assert_twin_equals_oracle(twin, name, fixed + arrays[:data], arrays[data:], at, dtype=dtype,
                                  rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@each_twin
@every_case
def test_no_example_and_one(case, twin):
    """The mean over an empty batch is 0, and so is a sum over nothing."""
    value, gradients = by_twin(twin, *change(case, empty), "float32")
    assert not np.any(value) and not any(np.any(g) for g in gradients)
    assert_twin_equals_oracle(twin, *change(case, empty), dtype="float32", rtol=0, atol=0)
    assert_twin_equals_oracle(twin, *change(case, lambda a: a[:1]), dtype="float32", rtol=2e-6, atol=2e-6)


@each_twin
@every_case
def test_integers_do_not_wrap_around(case, twin):
    """uint8 in, float32 out, and the oracle's value: 200 + 200 is not 144."""
    bytes_ = np.array([[0, 1, 200], [1, 0, 255], [1, 1, 1], [200, 100, 3]], np.uint8)
    # probabilities are 0 or 1, and exp(200) overflows, which the corners see to
    bits = case in ("bernoulli_nll_from_probabilities", "bernoulli_kl", "gaussian_nll", "gaussian_kl", "reparameterize")
    name, fixed, variables, options = change(case, lambda a: np.resize(bytes_ & 1 if bits else bytes_, a.shape))
    options = {k: CASES[case][3][k] if k == "u" else v for k, v in options.items()}

    def tensor(a):
        dtype = "uint8" if getattr(a, "dtype", None) == "uint8" else "float32"
        return TWINS[twin].from_numpy(a, dtype) if isinstance(a, np.ndarray) else a
    value = TWINS[twin].to_numpy(getattr(TWINS[twin], name)(*map(tensor, (*fixed, *variables)),
                                                            **{k: tensor(v) for k, v in options.items()}))
    assert value.dtype == "float32"
    np.testing.assert_allclose(value, oracle(name, fixed, variables, options)[0], rtol=2e-6, atol=1e-6)


@each_twin
@pytest.mark.parametrize("name", ["squared_error", "bernoulli_nll", "bernoulli_nll_from_probabilities"])
@pytest.mark.parametrize("dtype", ["uint8", "float64"])
def test_the_data_may_be_of_another_dtype(dtype, name, twin):
    """The result has the dtype of what the model returned."""
    x, x_hat = (UNIT * 2).astype(dtype), UNIT[::-1].astype("float32")
    ae = TWINS[twin]
    value = ae.to_numpy(getattr(ae, name)(ae.from_numpy(x, dtype), ae.from_numpy(x_hat)))
    assert value.dtype == "float32"
    np.testing.assert_allclose(value, oracle(name, [x], [x_hat], {})[0], rtol=2e-6)


@each_twin
@every_case
def test_nan_stays_visible(case, twin):
    """A NaN in any array shows in the value, in the oracle as in the twins, at the same places."""
    name, fixed, variables, options, _ = CASES[case]
    arrays = [*fixed, *variables]
    for i in (i for i, a in enumerate(arrays) if isinstance(a, np.ndarray)):
        bad = arrays[i].copy()
        bad[(0,) * bad.ndim] = np.nan
        changed = [*arrays[:i], bad, *arrays[i + 1:]]
        split = changed[:len(fixed)], changed[len(fixed):]
        value, _ = by_twin(twin, name, *split, options, "float64")
        expected, _ = oracle(name, *split, options)
        assert np.isnan(value).any()
        np.testing.assert_array_equal(np.isnan(value), np.isnan(expected))


@pytest.mark.parametrize("dtype", TOLERANCE)
@every_case
def test_inside_a_tf_function(case, dtype):
    """Compiled as in eager mode: a Python number beside a float64 tensor is float32 there, and refused."""
    import tensorflow as tf
    name, fixed, variables, options, _ = CASES[case]
    fixed, variables = ([TWINS["tensorflow"].from_numpy(a, dtype) if isinstance(a, np.ndarray) else a for a in arrays]
                        for arrays in (fixed, variables))
    options = {k: TWINS["tensorflow"].from_numpy(v, dtype) if isinstance(v, np.ndarray) else v
               for k, v in options.items()}
    formula = getattr(TWINS["tensorflow"], name)
    signature = [tf.TensorSpec([None] * v.ndim, dtype) for v in variables]
    if name == "iwae_bound":
        signature = [tf.TensorSpec([v.shape[0], None], dtype) for v in variables]
    compiled = tf.function(lambda *v: formula(*fixed, *v, **options), input_signature=signature)
    np.testing.assert_allclose(compiled(*variables), formula(*fixed, *variables, **options),
                               rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@every_case
def test_twins_equal_each_other(case):
    (value_a, gradients_a), (value_b, gradients_b) = (by_twin(twin, *CASES[case][:4], "float64") for twin in TWINS)
    for a, b in zip((value_a, *gradients_a), (value_b, *gradients_b)):
        if np.abs(a).max() > 1e-15:  # else 0 but for rounding: the sum of a normalized batch does not depend on it
            assert np.array_equal(a, b) or relative(a, b) < 1e-14  # measured: at most 1e-15
        else:
            assert np.abs(b).max() < 1e-15
