"""Plots: they draw what they are given, and leave the reader's matplotlib settings alone."""
import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from aebook import plots  # noqa: E402
from aebook.history import History  # noqa: E402
from aebook.specs import MLP  # noqa: E402


@pytest.fixture(autouse=True)
def settings_are_left_alone():
    before = dict(plt.rcParams)
    yield
    plt.close("all")
    assert dict(plt.rcParams) == before


def test_twins_are_solid_and_dashed():
    history = History(loss=[3.0, 2.0], val_loss=[4.0, 3.0])
    (ax,) = plots.loss_curves({"PyTorch": history, "TensorFlow": history}, lines=[("PCA", 2.5)]).axes
    assert [line.get_linestyle() for line in ax.lines] == ["-", "-", "--", "--", ":"]
    assert ax.lines[1].get_ydata().tolist() == [4.0, 3.0] and ax.lines[4].get_ydata() == [2.5, 2.5]
    assert ax.get_xlabel() and ax.get_ylabel()


def test_images_are_shown_with_one_scale():
    fig = plots.image_rows({"a": np.zeros((3, 16)), "b": np.ones((3, 16))}, (4, 4, 1))
    images = [ax.images[0] for ax in fig.axes]
    assert len(images) == 6 and {i.get_clim() for i in images} == {(0, 1)}


def test_latent_plane_shows_every_class():
    z = np.random.default_rng(0).normal(size=(40, 2))
    fig = plots.latent_plane({"PyTorch": z, "TensorFlow": -z}, np.arange(40) % 10)
    assert [sorted(t.get_text() for t in ax.texts) for ax in fig.axes] == [[str(i) for i in range(10)]] * 2


def test_architecture_is_to_scale():
    (ax,) = plots.architecture(MLP(400, (100,), 25)).axes
    bars = [p for p in ax.patches if isinstance(p, plt.Rectangle)]
    assert [b.get_height() for b in bars] == [20, 10, 5, 10, 20]
