"""The figures of the book, in one style: PyTorch solid, TensorFlow dashed.

`plt.style.use(plots.STYLE)` gives your own figures the same look. End the cell of a notebook with
`plt.show()`: a figure that is the cell's value is shown twice.
"""
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from aebook.errors import DataError

__all__ = ["STYLE", "LINES", "image_rows", "loss_curves", "sweep", "latent_plane", "architecture"]

STYLE = str(Path(__file__).with_name("aebook.mplstyle"))
LINES = {"PyTorch": {"color": "C0", "linestyle": "-"}, "TensorFlow": {"color": "C1", "linestyle": "--"}}


def image_rows(rows, image_shape):
    """Draw rows of images under each other, each row with its name on the left.

    Parameters
    ----------
    rows : dict of str to array_like of shape (images, features)
        Values from 0 (white) to 1 (black), or colors; what lies beyond is drawn as the nearer end.
    image_shape : tuple
        (height, width, channels), as `Images.image_shape`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        If there is nothing to draw, or a row does not hold images of that shape.

    Examples
    --------
    >>> image_rows({"noise": np.random.rand(3, 16)}, (4, 4, 1)).get_size_inches().round(1).tolist()
    [5.5, 2.1]
    """
    _some(rows, "rows")
    rows = {name: np.asarray(images) for name, images in rows.items()}
    for name, images in rows.items():
        if images.ndim < 2 or not len(images) or np.prod(images.shape[1:]) != np.prod(image_shape):
            raise DataError(f"rows[{name!r}] has shape {images.shape}; (images, {np.prod(image_shape)}) is needed for "
                            f"images of {tuple(image_shape)}.")
    columns = max(len(images) for images in rows.values())
    with plt.style.context(STYLE):
        width, title = plt.rcParams["figure.figsize"][0], 0.28  # inches
        cell = width / columns
        height = len(rows) * (cell + title)
        fig, axes = plt.subplots(len(rows), columns, squeeze=False, figsize=(width, height), layout="none",
                                 gridspec_kw={"left": 0, "right": 1, "bottom": 0, "top": 1 - title / height,
                                              "wspace": 0.05, "hspace": title / cell})
        for ax in axes.flat:
            ax.set_axis_off()
        for line, (name, images) in zip(axes, rows.items()):
            line[0].set_title(name, loc="left", fontsize=11, pad=3)
            for ax, image in zip(line, images):
                ax.imshow(image.reshape(image_shape), vmin=0, vmax=1)
    return fig


def loss_curves(histories, ylabel="squared error per image", lines=()):
    """Draw training (thin) and validation loss (thick) over the epochs.

    Parameters
    ----------
    histories : dict of str to History
        The keys "PyTorch" and "TensorFlow" get their colors and dashes, any other a color of its
        own. What was passed to `fit` as x_val is called "test".
    ylabel : str
        The loss with its unit.
    lines : sequence of (str, float)
        Baselines to draw across, each with its name.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from aebook.history import History
    >>> fig = loss_curves({"PyTorch": History(loss=[3, 2], val_loss=[4, 3])}, lines=[("PCA", 1)])
    >>> fig.axes[0].get_xlabel()
    'epoch'
    """
    with plt.style.context(STYLE):
        fig, ax = plt.subplots()
        for name, history in histories.items():
            look = _look(name, histories)
            look = look | {"marker": "o" if len(history.loss) == 1 else None}  # a line of one point is not seen
            epochs = np.arange(1, len(history.loss) + 1)
            ax.plot(epochs, history.loss, **look, linewidth=1, alpha=0.7, label=f"{name}, training")
            if history.val_loss:
                ax.plot(epochs, history.val_loss, **look, linewidth=2.5, label=f"{name}, test")
        _baselines(ax, lines)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.set(xlabel="epoch", ylabel=ylabel)
        ax.legend()
    return fig


def sweep(values, settings, xlabel, ylabel, lines=(), log=False):
    """Draw what was measured under several settings: the mean over the seeds, and from least to greatest.

    Parameters
    ----------
    values : dict of str to array_like of shape (settings, seeds)
        The keys "PyTorch" and "TensorFlow" get their colors and dashes, any other a color of its
        own. A setting with a value that is not finite, as after a run that diverged, is left out.
    settings : sequence of float, or of str
        Numbers are joined by a line with a band around it; names get a bar each.
    xlabel, ylabel : str
        What was varied and what was measured, with units.
    lines : sequence of (str, float)
        Baselines to draw across, each with its name.
    log : bool
        Whether the settings, positive numbers, stand on a logarithmic axis.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        If there is nothing to draw, or not one row of values for each setting.

    Examples
    --------
    >>> fig = sweep({"PyTorch": [[3, 4], [1, 2]]}, [0.1, 1], "learning rate", "error", log=True)
    >>> fig.axes[0].get_xscale()
    'log'
    """
    _some(values, "values")
    values = {name: np.atleast_2d(np.asarray(v, float)) for name, v in values.items()}
    for name, v in values.items():
        if v.ndim != 2 or len(v) != len(settings) or not v.shape[1]:
            raise DataError(f"values[{name!r}] has shape {v.shape}; one row for each of the {len(settings)} settings, "
                            "with a value for each seed, is needed.")
    named = isinstance(settings[0], str)
    with plt.style.context(STYLE):
        fig, ax = plt.subplots()
        for i, (name, v) in enumerate(values.items()):
            look = _look(name, values)
            v = np.where(np.isfinite(v).all(axis=1, keepdims=True), v, np.nan)
            least, mean, greatest = v.min(axis=1), v.mean(axis=1), v.max(axis=1)
            if named:
                at = np.arange(len(settings)) + 0.12 * (i - (len(values) - 1) / 2)
                spread = np.maximum([mean - least, greatest - mean], 0)  # rounding may put a mean of equals above them
                ax.errorbar(at, mean, spread, fmt="o", color=look["color"], capsize=3, label=name)
            else:
                ax.fill_between(settings, least, greatest, color=look["color"], alpha=0.2, linewidth=0)
                ax.plot(settings, mean, **look, marker="o", label=name)
        if named:
            ax.set_xticks(range(len(settings)), settings)
        if log:
            ax.set_xscale("log")
        _baselines(ax, lines)
        ax.set(xlabel=xlabel, ylabel=ylabel)
        ax.legend()
    return fig


def latent_plane(codes, labels):
    """Draw codes of two numbers as points, colored and numbered by class, two panels a row.

    Parameters
    ----------
    codes : dict of str to array_like of shape (examples, 2)
        One panel each, titled by its key.
    labels : array_like of shape (examples,)

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        If there is nothing to draw, or codes are not two numbers for each label.

    Examples
    --------
    >>> len(latent_plane({"PyTorch": np.eye(2), "TensorFlow": np.eye(2)}, [0, 1]).axes)
    2
    """
    _some(codes, "codes")
    labels = np.asarray(labels)
    codes = {name: np.asarray(z) for name, z in codes.items()}
    for name, z in codes.items():
        if z.shape != (labels.size, 2):
            raise DataError(f"codes[{name!r}] has shape {z.shape}; two numbers for each of the {labels.size} labels "
                            "are needed. Longer codes can be drawn by their first two principal components.")
    classes = np.unique(labels)
    columns = min(2, len(codes))
    rows = -(-len(codes) // columns)
    with plt.style.context(STYLE):
        fig, axes = plt.subplots(rows, columns, squeeze=False, figsize=(2.75 * columns, 2.6 * rows))
        colors = plt.get_cmap("tab10" if len(classes) <= 10 else "viridis", max(len(classes), 10))
        for ax in axes.flat[len(codes):]:
            ax.set_axis_off()
        for ax, (name, z) in zip(axes.flat, codes.items()):
            for k, value in enumerate(classes):
                ax.scatter(*z[labels == value].T, s=4, color=colors(k), alpha=0.4, linewidths=0)
            for k, value in enumerate(classes):  # on top of every point
                ax.text(*np.median(z[labels == value], axis=0), str(value), fontsize=10, fontweight="bold",
                        ha="center", va="center",
                        bbox={"facecolor": "white", "edgecolor": colors(k), "boxstyle": "round,pad=0.12"})
            ax.set_title(name)
            ax.set(xlabel="$z_1$", ylabel="$z_2$")
        fig.draw_without_rendering()
        for ax in axes.flat[:len(codes)]:
            _apart(ax)
    return fig


def architecture(spec):
    """Draw an autoencoder's layers as bars, their heights to scale with the square root of their units.

    Parameters
    ----------
    spec : MLP

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> [text.get_text() for text in architecture(MLP(784, (), 32)).axes[0].texts[:3]]
    ['784', '32', '784']
    """
    dims = [*spec.encoder_dims, *spec.decoder_dims[1:]]
    code = len(spec.encoder_dims) - 1
    heights = np.sqrt(dims)
    with plt.style.context(STYLE):
        fig, ax = plt.subplots(figsize=(5.5, 2.8))
        for i, (units, h) in enumerate(zip(dims, heights)):
            color = "C1" if i == code else "C0" if 0 < i < len(dims) - 1 else "0.6"
            ax.bar(i, h, width=0.35, bottom=-h / 2, color=color)
            ax.text(i, -h / 2 - 0.04 * heights.max(), str(units), ha="center", va="top")
        for i, (left, right) in enumerate(zip(heights, heights[1:])):
            ax.fill([i + 0.175, i + 0.825, i + 0.825, i + 0.175], [left / 2, right / 2, -right / 2, -left / 2],
                    color="0.92", zorder=0)
        for i, name in ((0, "$x$"), (code, "$z$"), (len(dims) - 1, r"$\hat{x}$")):
            ax.text(i, heights[i] / 2 + 0.03 * heights.max(), name, ha="center", va="bottom", fontsize=14)
        ax.text(code / 2, heights.max() * 0.62, "encoder", ha="center")
        ax.text((code + len(dims) - 1) / 2, heights.max() * 0.62, "decoder", ha="center")
        ax.set(ylim=(-0.68 * heights.max(), 0.76 * heights.max()))
        ax.set_axis_off()
    return fig


def _look(name, names):
    """Color and dashes of a framework; a color of its own for any other of the names."""
    others = [n for n in names if n not in LINES]
    return LINES[name] if name in LINES else {"color": f"C{others.index(name) + len(LINES)}"}


def _baselines(ax, lines):
    """Dotted lines across the axes, each with its name at the right, on the side where fewer curves end."""
    ends = np.array([line.get_ydata()[-1] for line in ax.lines])
    for name, value in lines:
        up = (ends < value).sum() > (ends > value).sum()
        ax.axhline(value, color="0.4", linestyle=":")
        ax.annotate(name, (1, value), xycoords=("axes fraction", "data"), xytext=(0, 3 if up else -3),
                    textcoords="offset points", ha="right", va="bottom" if up else "top", color="0.3", fontsize=11)


def _apart(ax):
    """Move labels that cover each other, until none does or a hundred steps are done."""
    boxes = [text.get_bbox_patch().get_window_extent() for text in ax.texts]
    sizes = np.array([(box.width, box.height) for box in boxes])
    places = ax.transData.transform([text.get_position() for text in ax.texts])
    order = np.sign(np.subtract.outer(np.arange(len(places)), np.arange(len(places))))[..., None]
    for _ in range(100):
        gap = places[:, None] - places
        over = np.maximum((sizes[:, None] + sizes) / 2 - np.abs(gap), 0) * (order != 0)
        over[over.min(axis=2) == 0] = 0             # side by side, or one above the other
        if not over.any():
            break
        over[over > over.min(axis=2, keepdims=True)] = 0    # the shorter way out
        places = places + (over * np.where(gap, np.sign(gap), order)).sum(axis=1) / 2
    for text, place in zip(ax.texts, ax.transData.inverted().transform(places)):
        text.set_position(place)


def _some(panels, name):
    if not panels:
        raise DataError(f"{name} is empty: there is nothing to draw.")
