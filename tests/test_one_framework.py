"""Code that uses both frameworks, reduced to what one of them can run; comments and layout stay."""
import pytest
from one_framework import Reducer

CASES = {       # of cells that follow `keras_x` in a dropped one, with PyTorch kept
    "a list": ("both = [torch_x, keras_x]", "both = [torch_x]"),
    "the first of a list": ("both = [keras_x,  # Keras\n        torch_x]", "both = [torch_x]"),
    "an array": ("a = np.array([torch_x, keras_x.numpy()])", "a = np.array([torch_x])"),
    "a tuple to run over": ("for x in (torch_x, keras_x):\n    print(x)", "for x in (torch_x,):\n    print(x)"),
    "a pair of values": ('d = {"a": (torch_x, keras_x), "b": 1, "c": 2}', 'd = {"b": 1, "c": 2}'),
    "zip": ("for ae, x in zip(aebook.twins(), (torch_x, keras_x)):\n    print(ae, x)",
            "for ae, x in zip(aebook.twins(), (torch_x,)):\n    print(ae, x)"),
    "labels go with values": ('d = dict(zip(("NumPy", "PyTorch", "TensorFlow"), (1, torch_x, keras_x)))',
                              'd = dict(zip(("NumPy", "PyTorch"), (1, torch_x)))'),
    "labels in a dict": ('look = {"PyTorch": 4, "TensorFlow": 1}[name]', 'look = {"PyTorch": 4}[name]'),
    "a loop's target": ("for a, b, c in ((1, torch_x, keras_x), (2, torch_x, keras_x)):\n    print(a, b)",
                        "for a, b in ((1, torch_x), (2, torch_x)):\n    print(a, b)"),
    "max": ("off = max(torch_x.max(), keras_x.max())", "off = max([torch_x.max()])"),
    "and": ("assert (torch_x == 1) and (keras_x == 1)", "assert (torch_x == 1)"),
    "a pair of names": ("a, b = torch_x, keras_x\nprint(a)", "a = torch_x\nprint(a)"),
    "imports": ("import keras\nimport torch\n\nprint(torch.x)", "import torch\n\nprint(torch.x)"),
    "which framework": ('if ae.NAME == "PyTorch":\n    x = 1\n    y = 2\nelse:\n    x = keras_x\nprint(x)',
                        "x = 1\ny = 2\nprint(x)"),
    "which twin": ('ae = aebook.torch if name == "PyTorch" else aebook.tensorflow', "ae = aebook.torch"),
    "what follows": ("y = keras_x + 1\nz = y + 1\nprint(torch_x)", "print(torch_x)"),
    "a half": ("print(torch_x)\nprint(np.abs(torch_x - keras_x))", "print(torch_x)"),
    "an index that is gone": ("both = [torch_x, keras_x]\nprint(both[0])\nprint(both[1])",
                              "both = [torch_x]\nprint(both[0])"),
    "a list never filled": ("off = []\nfor x in y:\n    off.append(keras_x - x)\nprint(max(off))\nprint(y)",
                            "print(y)"),
    "a maximum without news": ("off = 0\noff = max(off, keras_x)\nprint(off)\nprint(torch_x)",
                               "off = 0\nprint(torch_x)"),
    "a claim on both": ('aebook.claim("Both", max(torch_x, keras_x), "<", 1)\nprint(torch_x)', "print(torch_x)"),
    "weights never set": ("model = f()\nae.set_weights(model, keras_x)\nprint(model)\nprint(torch_x)",
                          "print(torch_x)"),
    "a claim that compares": ('aebook.claim("The frameworks agree", f(y), "<", 1)\nprint(y)', "print(y)"),
    "the second twin": ("key = (aebook.twins()[1].NAME, 1)\nprint(key)\nprint(y)", "print(y)"),
    "a pair of runs": ("a, b = (f(ae) for ae in aebook.twins())\nprint(a - b)\nprint(y)", "print(y)"),
    "pairs by position": ("d = {k: np.array([torch_x[k], keras_x[k]]) for k in y}\nprint(np.divide(*d[1]))\nprint(d)",
                          "d = {k: np.array([torch_x[k]]) for k in y}\nprint(d)"),
    "sums of a pair": ("both = np.array([torch_x, keras_x])\nt = both.sum(axis=1)\nprint(t[1])\nprint(t[0])",
                       "both = np.array([torch_x])\nt = both.sum(axis=1)\nprint(t[0])"),
    "all values of two": ("found = [*torch_x.values(), *keras_x.values()]\nprint(found)\nprint(y)", "print(y)"),
    "a list from before": ("y.append(keras_x)\nprint(y)\nprint(f)", "print(f)"),
    "lines for both": ("for name, look in plots.LINES.items():\n    print(name, look)",
                       'for name, look in [("PyTorch", plots.LINES["PyTorch"])]:\n    print(name, look)'),
    "a label for one of two": ('ax.plot(y, label=y if name == "TensorFlow" else None)', "ax.plot(y, label=y)"),
    "an empty figure": ("fig, ax = plt.subplots()\nax.plot(keras_x)\nax.set(title=1)\nplt.show()", ""),
    "a loop in vain": ("for x in y:\n    z = x + 1\n    print(keras_x - z)\nprint(y)", "print(y)"),
    "try": ("try:\n    f()\nexcept ValueError as error:\n    print(error)",
            "try:\n    f()\nexcept ValueError as error:\n    print(error)"),
    "a function": ("def f(x):\n    return x - keras_x\n\nprint(f(1))\nprint(torch_x)", "print(torch_x)"),
    "its own name": ("def f(keras_x):\n    return keras_x + 1", "def f(keras_x):\n    return keras_x + 1"),
    "a heading alone": ('print("Keras")\nprint(keras_x)', ""),
    "nothing to do": ("x = [1,2]  # untouched\n\n\n\ny = 3", "x = [1,2]  # untouched\n\n\n\ny = 3"),
}


@pytest.mark.parametrize("case", CASES)
def test_reduced_to_pytorch(case):
    reducer = Reducer("torch")
    assert reducer.drop("keras_x = keras.ops.ones(3)", set()) == ""
    assert reducer.reduce("import numpy as np\ntorch_x = name = y = f = ae = 1") != ""
    source, expected = CASES[case]
    assert reducer.reduce(source) == expected


def test_reduced_to_tensorflow():
    reducer = Reducer("tensorflow")
    reducer.drop("torch_x = torch.ones(3)", set())
    assert reducer.reduce("both = [torch_x, keras_x]\nprint(both)") == "both = [keras_x]\nprint(both)"
    assert reducer.reduce('x = f() if ae.NAME == "PyTorch" else g()') == 'x = f() if ae.NAME == "PyTorch" else g()'
    assert reducer.reduce("with torch.no_grad():\n    x = 1\n    y = 2") == "x = 1\ny = 2"
    assert reducer.reduce('x = torch_x if ae.NAME == "PyTorch" else g()') == "x = g()"


def test_a_line_without_a_framework_is_kept_for_those_who_need_it():
    """The other framework's cell may define what both use."""
    reducer = Reducer("tensorflow")
    cell = "steps = 20\nrate = 0.1\ntorch_x = torch.ones(steps)"
    assert reducer.drop(cell, {"steps"}) == "steps = 20"
    assert reducer.reduce("print(steps)") == "print(steps)"
    assert reducer.reduce("print(rate)") == ""


def test_a_name_that_comes_back_is_no_longer_lost():
    reducer = Reducer("torch")
    reducer.drop("x = tf.ones(3)", set())
    assert reducer.reduce("print(x + 1)") == ""
    assert reducer.reduce("x = 1\nprint(x + 1)") == "x = 1\nprint(x + 1)"
