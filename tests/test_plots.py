"""Plots: they draw what they are given, and leave the reader's matplotlib settings alone."""
import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from aebook import plots  # noqa: E402
from aebook.errors import DataError  # noqa: E402
from aebook.history import History  # noqa: E402
from aebook.specs import MLP  # noqa: E402


@pytest.fixture(autouse=True)
def settings_are_left_alone():
    plt.close("all")            # an example run before in the same process may have left some open
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


def test_a_sweep_over_numbers_is_a_line_with_its_spread():
    values = {"PyTorch": [[1, 3], [2, 6], [np.inf, 1]], "TensorFlow": [[1, 3], [2, 6], [4, 8]]}
    (ax,) = plots.sweep(values, [0.1, 1, 10], "rate", "error", lines=[("mean image", 9)], log=True).axes
    torch, tensorflow, line = ax.lines
    assert [torch.get_linestyle(), tensorflow.get_linestyle(), line.get_linestyle()] == ["-", "--", ":"]
    assert torch.get_ydata()[:2].tolist() == [2, 4] and np.isnan(torch.get_ydata()[2])    # diverged: left out
    assert tensorflow.get_ydata().tolist() == [2, 4, 6] and ax.get_xscale() == "log"
    band = ax.collections[1].get_paths()[0].vertices
    assert {2, 6} <= set(band[band[:, 0] == 1][:, 1])


def test_a_sweep_over_names_is_a_bar_each():
    (ax,) = plots.sweep({"PyTorch": [[1, 3], [2, 6]]}, ["ReLU", "tanh"], "", "error").axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["ReLU", "tanh"]
    (bars,) = ax.containers
    assert [segment[:, 1].tolist() for segment in bars[2][0].get_segments()] == [[1, 3], [2, 6]]


@pytest.mark.parametrize("values", [{}, {"PyTorch": [[1, 2]]}, {"PyTorch": np.empty((2, 0))}])
def test_a_sweep_needs_a_row_for_each_setting(values):
    with pytest.raises(DataError, match="values"):
        plots.sweep(values, [1, 2], "", "")


def test_images_are_shown_with_one_scale():
    fig = plots.image_rows({"a": np.zeros((3, 16)), "b": np.ones((3, 16))}, (4, 4, 1))
    images = [ax.images[0] for ax in fig.axes]
    assert len(images) == 6 and {i.get_clim() for i in images} == {(0, 1)}


def test_latent_plane_shows_every_class():
    z = np.random.default_rng(0).normal(size=(40, 2))
    fig = plots.latent_plane({"PyTorch": z, "TensorFlow": -z}, np.arange(40) % 10)
    assert [sorted(t.get_text() for t in ax.texts) for ax in fig.axes] == [[str(i) for i in range(10)]] * 2


@pytest.mark.parametrize("spread", [0, 1e-3, 0.1])
def test_labels_of_a_latent_plane_do_not_cover_each_other(spread):
    rng = np.random.default_rng(0)
    z = np.vstack([rng.normal(size=(100, 2)), spread * rng.normal(size=(6, 2))])
    names = ["everywhere"] * 100 + ["a long name", "another", "b", "c", "d", "e"]
    (ax,) = (fig := plots.latent_plane({"PyTorch": z}, names)).axes
    fig.draw_without_rendering()
    boxes = [text.get_bbox_patch().get_window_extent() for text in ax.texts]
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            wide, high = (min(a.max[k], b.max[k]) - max(a.min[k], b.min[k]) for k in (0, 1))
            assert min(wide, high) < 0.5, "pixels"


def test_a_label_alone_stays_where_its_points_are():
    (ax,) = plots.latent_plane({"PyTorch": [[1, 2], [3, 4], [5, 9], [-5, -9]]}, ["a", "a", "a", "b"]).axes
    assert [text.get_position() for text in ax.texts] == [pytest.approx((3, 4)), pytest.approx((-5, -9))]


@pytest.mark.parametrize("end, side", [(2.0, "bottom"), (3.0, "top")])
def test_the_name_of_a_line_is_where_no_curve_ends(end, side):
    history = History(loss=[4.0, end], val_loss=[4.0, end])
    (ax,) = plots.loss_curves({"PyTorch": history}, lines=[("PCA", 2.5)]).axes
    assert [text.get_va() for text in ax.texts] == [side]


def test_architecture_is_to_scale():
    (ax,) = plots.architecture(MLP(400, (100,), 25)).axes
    bars = [p for p in ax.patches if isinstance(p, plt.Rectangle)]
    assert [b.get_height() for b in bars] == [20, 10, 5, 10, 20]


def test_a_model_has_one_color_and_a_single_epoch_is_seen():
    once, twice = History(loss=[3.0], val_loss=[4.0]), History(loss=[3.0, 2.0], val_loss=[4.0, 3.0])
    (ax,) = plots.loss_curves({"PyTorch": twice, "denoising": once, "TensorFlow": twice, "sparse": once}).axes
    colors = [line.get_color() for line in ax.lines]
    assert colors[::2] == colors[1::2] and len(set(colors)) == 4
    assert [line.get_marker() for line in ax.lines] == ["None", "None", "o", "o"] * 2


def test_a_sweep_may_find_the_same_with_every_seed():
    plots.sweep({"PyTorch": [[0.1] * 3]}, ["one"], "setting", "error")    # whose mean is rounded up


@pytest.mark.parametrize("draw, words", [
    (lambda: plots.image_rows({}, (4, 4, 1)), "rows is empty"),
    (lambda: plots.image_rows({"a": np.zeros((3, 15))}, (4, 4, 1)), r"rows\['a'\] has shape \(3, 15\).*16"),
    (lambda: plots.image_rows({"one": np.zeros(16)}, (4, 4, 1)), r"rows\['one'\] has shape \(16,\)"),
    (lambda: plots.image_rows({"none": np.zeros((0, 16))}, (4, 4, 1)), r"rows\['none'\] has shape \(0, 16\)"),
    (lambda: plots.latent_plane({}, [0]), "codes is empty"),
    (lambda: plots.latent_plane({"a": np.zeros((3, 32))}, [0, 1, 2]), r"codes\['a'\].*\(3, 32\); two numbers"),
    (lambda: plots.latent_plane({"a": np.zeros((3, 2))}, [0, 1]), "each of the 2 labels"),
])
def test_what_cannot_be_drawn_is_named(draw, words):
    with pytest.raises(DataError, match=words):
        draw()
    assert not plt.get_fignums()
