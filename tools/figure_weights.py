"""Write the weights of the interactive figures: python tools/figure_weights.py [NAME ...]

A chapter shows a figure by the directive `interactive` with the figure's name. This tool runs the chapter's cells up
to there, and then writes what they have trained into `book/figures`: NAME.torch.safetensors and
NAME.tensorflow.safetensors for the reader's browser, and NAME.png where there is no browser. Both frameworks'
files are of one format:

- a bias is float32, and so is a small weight; a weight of more than SMALL numbers is int8 and has a float32 array
  `....scale`, one step size for each unit of the layer;
- `examples.` stands before whatever else the figure shows;
- the metadata hold one entry, "figure": JSON with the spec, the layers with their activations, and more numbers.
"""
import io
import json
import re
import sys
from dataclasses import asdict
from pathlib import Path

import environment

environment.fix()

import nbformat  # noqa: E402
import numpy as np  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from safetensors.numpy import load, save  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "book" / "figures"
SMALL = 1000
# Petroff (2021), ten colors that are told apart with any color vision.
COLORS = ["#3f90da", "#94a4a2", "#bd1f01", "#ffa90e", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd"]
DIRECTIVE = re.compile(r"^`{3,}\{interactive\}[ \t]*([\w-]+)", re.MULTILINE)


# The format

def quantized(weight):
    """A weight (in, out) in 255 steps, and the step size of each unit."""
    scale = np.maximum(np.abs(weight).max(axis=0), 1e-12) / 127
    return np.rint(weight / scale).astype("int8"), scale.astype("float32")


def pack(spec, weights, parts, examples, numbers):
    """The bytes of a file: the layers of an MLP's parts ("encoder", "decoder"), and what else the figure shows."""
    layers, arrays = {}, {}
    for part in parts:
        last = "linear" if part == "encoder" else "sigmoid" if spec.likelihood == "bernoulli" else spec.output
        count = len(spec.hidden_dims) + 1
        layers[part] = [[f"{part}.{i}", spec.activation if i < count - 1 else last] for i in range(count)]
    for name, value in weights.items():
        if name.split(".")[0] in parts:
            value = value.astype("float32")
            if value.size > SMALL and name.endswith(".weight"):
                value, arrays[f"{name}.scale"] = quantized(value)
            arrays[name] = np.ascontiguousarray(value)
    arrays |= {f"examples.{name}": np.ascontiguousarray(value) for name, value in examples.items()}
    figure = {"spec": asdict(spec), "layers": layers} | numbers
    return save(arrays, metadata={"figure": json.dumps(figure, sort_keys=True)})


def unpack(data):
    """What a file holds: (weights in float32, examples, the metadata)."""
    size = int.from_bytes(data[:8], "little")
    figure = json.loads(json.loads(data[8:8 + size])["__metadata__"]["figure"])
    arrays = load(data)
    weights = {name: value if value.dtype != np.int8 else value * arrays[f"{name}.scale"]
               for name, value in arrays.items() if not name.endswith(".scale") and not name.startswith("examples.")}
    examples = {name.removeprefix("examples."): value for name, value in arrays.items() if name.startswith("examples.")}
    return weights, examples, figure


def reader(data):
    """The model of a file, in NumPy; parts that the file leaves out are zero."""
    from aebook.numpy_inference import NumpyAutoencoder
    from aebook.specs import MLP
    from aebook.weights import weight_shapes
    weights, _, figure = unpack(data)
    spec = MLP(**figure["spec"])
    return NumpyAutoencoder(spec, {name: weights.get(name, np.zeros(shape, "float32"))
                                   for name, shape in weight_shapes(spec).items()})


# The figures: each writes its files from the names that the chapter has defined.

def write(name, framework, data, exact, approximate):
    (FOLDER / f"{name}.{framework}.safetensors").write_bytes(data)
    off = np.abs(exact - approximate)
    print(f"{name}, {framework}: {len(data):,} bytes; 255 steps for a weight change a pixel by {off.mean():.4f} in "
          f"the mean and by {off.max():.3f} at most")


# The latent plane

def latent_plane(chapter):
    """The decoder of a variational autoencoder with two numbers, and the codes of held-out digits."""
    import aebook
    for ae in aebook.twins():
        model = chapter["planes"][ae.NAME]
        codes = ae.encode(model, chapter["x_test"]).astype("float32")
        data = pack(model.spec, ae.get_weights(model), ["decoder"],
                    {"codes": codes, "labels": chapter["y_test"].astype("uint8")},
                    {"colors": COLORS, "start": [-0.5, -1], "middles": middles(codes, chapter["y_test"]).tolist()})
        write("latent-plane", ae.__name__.split(".")[-1], data, ae.decode(model, codes), reader(data).decode(codes))
        if ae is aebook.twins()[0]:
            latent_plane_picture(data)


def middles(codes, labels, apart=0.5):
    """The median of each digit's codes, moved until its number covers no other."""
    places = np.array([np.median(codes[labels == digit], axis=0) for digit in range(10)])
    for _ in range(100):
        gap = places[:, None] - places
        length = np.linalg.norm(gap, axis=2) + np.eye(10)
        places += (gap * np.maximum(apart - length, 0)[:, :, None] / length[:, :, None]).sum(axis=1) / 4
    return places.round(3)


def latent_plane_picture(data):
    import matplotlib.pyplot as plt

    from aebook import plots
    _, examples, figure = unpack(data)
    codes, labels = examples["codes"], examples["labels"]
    with plt.style.context(plots.STYLE):
        fig, (plane, picture) = plt.subplots(1, 2, figsize=(7, 4.2), width_ratios=(3, 2))
        for digit, color in enumerate(figure["colors"]):
            plane.scatter(*codes[labels == digit].T, s=9, color=color, linewidths=0)
        for digit, (color, middle) in enumerate(zip(figure["colors"], figure["middles"])):
            plane.text(*middle, digit, ha="center", va="center", fontsize=11,
                       fontweight="bold", bbox={"facecolor": "white", "edgecolor": color, "boxstyle": "round,pad=0.15"})
        plane.add_patch(plt.Circle((0, 0), np.sqrt(-2 * np.log(0.05)), fill=False, linestyle=":", linewidth=1.5))
        plane.plot(*figure["start"], "o", markersize=12, color="white", markeredgecolor="black", markeredgewidth=3)
        plane.set(xlim=(-4, 4), ylim=(-4, 4), aspect="equal", xlabel="$z_1$", ylabel="$z_2$")
        picture.imshow(reader(data).decode(np.array([figure["start"]], "float32")).reshape(28, 28), vmin=0, vmax=1)
        picture.set(xticks=[], yticks=[], title="decoded")
        save_picture(fig, "latent-plane")


# Draw a digit

def shares(n, m):
    """What each of m equal pieces of n pixels takes of each of them, (m, n), as a mean."""
    ends = np.linspace(0, n, m + 1)
    common = np.minimum(ends[1:, None], np.arange(1, n + 1)) - np.maximum(ends[:-1, None], np.arange(n))
    return np.maximum(common, 0) * m / n


def prepare(ink):
    """A drawing, 0 for paper and 1 for ink, as MNIST has its digits: 20 pixels long, centered by mass in 28 x 28.

    An MNIST digit comes back unchanged, also when it is enlarged.
    """
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    box = ink[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    h, w = (max(1, int(np.floor(20 * side / max(box.shape) + 0.5))) for side in box.shape)
    small = shares(box.shape[0], h) @ box @ shares(box.shape[1], w).T
    out = np.zeros((28, 28))
    y, x = (int(np.clip(np.floor(15 - small.sum(axis=1 - axis) @ (np.arange(side) + 0.5) / small.sum()), 0, 28 - side))
            for axis, side in enumerate((h, w)))
    out[y:y + h, x:x + w] = small
    return out


def written(draw):
    """What draw(axes) puts on a paper of 280 x 280, prepared."""
    import matplotlib.pyplot as plt
    with plt.style.context("default"):
        fig = plt.figure(figsize=(2.8, 2.8), dpi=100)
        axes = fig.add_axes((0, 0, 1, 1), xlim=(0, 1), ylim=(0, 1))
        axes.set_axis_off()
        draw(axes)
        fig.canvas.draw()
        ink = 1 - np.asarray(fig.canvas.buffer_rgba())[:, :, 0] / 255
        plt.close(fig)
    return prepare(ink)


def drawings(x_test, y_test):
    """The examples: the first test digit of some kinds, and what is no digit."""
    first = {digit: x_test[np.flatnonzero(y_test == digit)[0]].reshape(28, 28) for digit in (0, 3, 7)}
    letter = {"ha": "center", "va": "center", "fontsize": 130}
    return {"a seven": first[7], "a zero": first[0], "a three": first[3],
            "a seven, upside down": prepare(first[7][::-1, ::-1]),
            "a letter S": written(lambda axes: axes.text(0.5, 0.5, "S", letter)),
            "a letter M": written(lambda axes: axes.text(0.5, 0.5, "M", letter)),
            "a zigzag": written(lambda axes: axes.plot([0.1, 0.9] * 3, np.linspace(0.9, 0.1, 6), "k", linewidth=16)),
            "a dot": written(lambda axes: axes.plot(0.5, 0.5, "ko", markersize=40))}


def draw_a_digit(chapter):
    """The autoencoder with 32 numbers, its errors on the test digits, and examples to load."""
    import aebook
    x_test = chapter["x_test"]
    examples = drawings(x_test, chapter["images"].y_test)
    pictures = np.rint(255 * np.reshape([*examples.values()], (-1, 784))).astype("uint8")
    for ae in aebook.twins():
        model = chapter["models"][ae.NAME]
        weights, parts = ae.get_weights(model), ["encoder", "decoder"]
        small = reader(pack(model.spec, weights, parts, {}, {}))        # what the browser computes with
        errors = ((small.reconstruct(x_test) - x_test) ** 2).sum(axis=1)
        top = int(np.ceil(errors.max() / 10) * 10)
        counts = np.histogram(errors, 2 * top, (0, top))[0]
        data = pack(model.spec, weights, parts,
                    {"pictures": pictures, "quantiles": np.quantile(errors, np.linspace(0, 1, 1001)).astype("float32"),
                     "counts": counts.astype("float32")},
                    {"names": [*examples], "limit": float(np.quantile(errors, 0.95, method="higher")), "top": top,
                     "reach": float(np.quantile(np.abs(small.encode(x_test)), 0.99))})
        write("draw-a-digit", ae.__name__.split(".")[-1], data, ae.reconstruct(model, x_test),
              small.reconstruct(x_test))
        if ae is aebook.twins()[0]:
            draw_a_digit_picture(data)


def draw_a_digit_picture(data):
    import matplotlib.pyplot as plt

    from aebook import plots
    _, examples, figure = unpack(data)
    model, bins = reader(data), np.linspace(0, figure["top"], examples["counts"].size + 1)
    with plt.style.context(plots.STYLE):
        fig, axes = plt.subplots(2, 4, figsize=(7, 4), width_ratios=(2, 3, 2, 3))
        for row, name in zip(axes, ("a seven", "a zigzag")):
            x = examples["pictures"][figure["names"].index(name)][None] / np.float32(255)
            for ax, image in zip((row[0], row[2]), (x, model.reconstruct(x))):
                ax.imshow(image.reshape(28, 28), vmin=0, vmax=1)
                ax.set(xticks=[], yticks=[])
                ax.spines[:].set_visible(True)
            row[1].bar(np.arange(32), model.encode(x)[0], width=0.8)
            row[1].set(ylim=(-figure["reach"], figure["reach"]), xticks=[])
            error = ((model.reconstruct(x) - x) ** 2).sum()
            row[3].stairs(examples["counts"], bins, fill=True, color="0.6")
            row[3].axvline(figure["limit"], color="C1", linestyle=":")
            row[3].axvline(error, color="black", linewidth=3)
            row[3].set(yticks=[], xlim=(0, max(figure["top"], 1.05 * error)))
        for ax, title in zip(axes[0], ("drawn", "encoded", "decoded", "its error")):
            ax.set_title(title)
        save_picture(fig, "draw-a-digit")


def save_picture(fig, name):
    """A picture in 64 colors, a third of the bytes."""
    from PIL import Image
    buffer = io.BytesIO()
    fig.savefig(buffer, dpi=120, format="png")
    image = Image.open(buffer).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    image.save(FOLDER / f"{name}.png", optimize=True)


FIGURES = {"draw-a-digit": draw_a_digit, "latent-plane": latent_plane}


def places():
    """The chapter of each figure, and the index of the cell that shows it."""
    return {name: (path, i) for path in sorted((ROOT / "book").glob("*/*.ipynb"))
            for i, cell in enumerate(nbformat.read(path, as_version=4).cells) if cell.cell_type == "markdown"
            for name in DIRECTIVE.findall(cell.source)}


def run(name):
    """Run a chapter up to the figure, and write the figure's files."""
    path, stop = places()[name]
    nb = nbformat.read(path, as_version=4)
    nb.cells = [*nb.cells[:stop], nbformat.v4.new_code_cell(
        f"import sys\nsys.path.append({str(ROOT / 'tools')!r})\nimport figure_weights\n"
        f"assert not images.stand_in, 'set AEBOOK_DATA'\nfigure_weights.FIGURES[{name!r}](globals())")]
    NotebookClient(nb, timeout=600, kernel_name="python3", extra_arguments=["--log-level=ERROR"],
                   resources={"metadata": {"path": str(path.parent)}}).execute()
    print("".join(output.get("text", "") for output in nb.cells[-1].outputs), end="")


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(FIGURES):
        run(name)
