"""Memory-mapped arrays and iterables of batches: read block by block, checked, and trained on alike in both twins."""
import numpy as np
import pytest
from helpers import TWINS, digits_like, relative

from aebook import sources
from aebook.errors import DataError
from aebook.specs import MLP, Training

X = digits_like(700, 8)
SPEC = MLP(8, (6,), 3, activation="tanh", dtype="float64")
BUDGET = Training(epochs=3, batch_size=4, optimizer="sgd", learning_rate=2**-7)  # 700 = 2 * 256 + 188
each_twin = pytest.mark.parametrize("twin", TWINS)


class Pieces:
    """An iterable that starts anew each time."""

    def __init__(self, *bounds, data=X):
        self.bounds, self.data = bounds, data

    def __iter__(self):
        return iter(np.split(self.data, self.bounds))


@pytest.fixture
def mapped(tmp_path):
    def save(array, mode="r"):
        np.save(tmp_path / "x.npy", array)
        return np.load(tmp_path / "x.npy", mmap_mode=mode)
    return save


def run(twin, x, training=BUDGET, cls="Autoencoder", **options):
    model = getattr(TWINS[twin], cls)(SPEC, seed=1)
    history = TWINS[twin].fit(model, x, training, **options)
    return TWINS[twin].get_weights(model), history


def visited(x, epoch, steps=175, training=BUDGET):
    """The rows that an epoch visits, in order, and the length of each block."""
    found = list(sources.blocks(sources.open_data(x, SPEC), training, epoch, steps))
    assert [start for start, _, _ in found] == np.cumsum([0, *(len(rows) for *_, rows in found)])[:-1].tolist()
    return np.concatenate([block[rows] for _, block, rows in found]), [len(rows) for *_, rows in found]


def rows_of(visited):
    return sorted(map(tuple, visited))


def test_a_memory_map_is_visited_in_shuffled_blocks(mapped):
    x = mapped(np.arange(700 * 8.0).reshape(700, 8))
    orders = [visited(x, epoch)[0][:, 0] / 8 for epoch in range(8)]
    for order in orders:
        assert np.array_equal(np.sort(order), np.arange(700)), "each row once"
        blocks = [np.sort(part) for part in np.split(order, [256, 512])]
        assert {(part[0], len(part)) for part in blocks} == {(0, 256), (256, 256), (512, 188)} and blocks[2][0] == 512
        assert not np.array_equal(order[:256], blocks[0]), "shuffled within the block"
    assert {order[0] // 256 for order in orders} == {0, 1}, "sometimes the second block is the first"
    assert len({tuple(order) for order in orders}) == 8
    assert np.array_equal(visited(x, 0)[0], visited(x, 0)[0])


def test_an_iterable_is_shuffled_within_blocks():
    whole, lengths = visited(Pieces(10, 400, 401), 0)
    assert lengths == [256, 256, 188]
    assert np.array_equal(whole, visited(list(np.split(X, [5])), 0)[0]), "however the batches are cut"
    assert rows_of(whole[:256]) == rows_of(X[:256].astype("float64"))
    assert not np.array_equal(whole[:256], X[:256])
    assert not np.array_equal(whole, visited(Pieces(10), 1)[0])


@pytest.mark.parametrize("steps", [1, 64, 65, 170])
def test_a_budget_in_steps_cuts_the_epoch_short(steps, mapped):
    for x in (mapped(X), Pieces(300)):
        whole, part = visited(x, 0)[0], visited(x, 0, steps)[0]
        assert np.array_equal(part, whole[:4 * steps])


def test_blocks_of_wide_data_are_short():
    """No more than 32 MiB, but a whole batch."""
    class Wide(sources.Source):
        row = np.zeros((1, 2**20), np.float32)  # 4 MiB
    assert Wide().block_length(2) == 8 and Wide().block_length(3) == 6 and Wide().block_length(16) == 16
    Wide.row = np.zeros((1, 4), np.float32)
    assert Wide().block_length(16) == 64 * 16


@pytest.mark.parametrize("cls", ["Autoencoder", "VariationalAutoencoder"])
@pytest.mark.parametrize("kind", ["memory map", "iterable"])
def test_both_frameworks_walk_the_same_path(kind, cls, mapped):
    x = mapped(X) if kind == "memory map" else Pieces(100, 350)
    (weights_a, a), (weights_b, b) = (run(twin, x, cls=cls, x_val=x) for twin in TWINS)
    assert relative(b.step_loss, a.step_loss) < 1e-12 and relative(b.val_loss, a.val_loss) < 1e-12
    assert all(relative(weights_b[n], weights_a[n]) < 1e-12 for n in weights_a)
    assert len(a.step_loss) == 3 * 175 and a.loss[-1] < 0.9 * a.loss[0]


@each_twin
def test_the_bound_on_a_block_does_not_change_the_numbers_in_memory(twin, monkeypatch):
    """With noise, too: it is drawn for the whole block, however little of the data is moved at once."""
    whole = run(twin, X, cls="VariationalAutoencoder")
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1000)  # less than four batches of 256 bytes
    parts = run(twin, X, cls="VariationalAutoencoder")
    assert np.array_equal(whole[1].step_loss, parts[1].step_loss)
    assert all(np.array_equal(whole[0][n], parts[0][n]) for n in whole[0])


@each_twin
def test_refit_is_bitwise_equal(twin, mapped):
    for x in (mapped(X), Pieces(100, 350)):
        (a, history_a), (b, history_b) = (run(twin, x) for _ in range(2))
        assert np.array_equal(history_a.step_loss, history_b.step_loss)
        assert all(np.array_equal(a[n], b[n]) for n in a)


@each_twin
@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_a_memory_map_evaluates_as_the_array(mode, twin, mapped):
    """Views of one, too; and what was written to a private copy is seen, and is not lost."""
    x = mapped(np.vstack([X, X, X]), mode)
    if mode == "c":
        x[5] = 0.5
    model = TWINS[twin].VariationalAutoencoder(SPEC)
    for view in (x, x[100:], x[::3], np.asarray(x)):
        assert isinstance(sources.open_data(view, SPEC), sources.Source)
        assert TWINS[twin].evaluate(model, view) == TWINS[twin].evaluate(model, np.array(view))
    assert mode != "c" or np.array_equal(x[5], np.full(8, 0.5))
    assert TWINS[twin].evaluate(model, Pieces(100, 1500, data=np.array(x))) == TWINS[twin].evaluate(model, np.array(x))


@each_twin
def test_loaders_of_the_frameworks(twin):
    """A DataLoader, a Dataset of examples with labels, and a tf.data.Dataset give what their arrays give."""
    import tensorflow as tf
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    pairs = TensorDataset(torch.from_numpy(X), torch.zeros(len(X)))
    expected = run(twin, Pieces(300))[1]
    for x in (DataLoader(pairs, batch_size=50), pairs, tf.data.Dataset.from_tensor_slices(X).batch(90),
              [torch.from_numpy(X[:9]), torch.from_numpy(X[9:])]):
        assert np.array_equal(run(twin, x)[1].step_loss, expected.step_loss)


@each_twin
def test_bad_rows_are_named_by_their_place_in_the_whole(twin, mapped):
    x = X.copy()
    x[423, 6] = np.nan
    for source in (mapped(x), Pieces(100, 420, data=x)):
        with pytest.raises(DataError, match=r"x\[423, 6\] = nan is not finite"):
            run(twin, source)
        with pytest.raises(DataError, match=r"x_val\[423, 6\]"):
            run(twin, X, x_val=source)


@each_twin
def test_data_that_cannot_be_read_again(twin):
    with pytest.raises(DataError, match="iterator, which can be read only once"):
        run(twin, iter([X]))
    with pytest.raises(DataError, match="x_val is an iterator"):
        run(twin, X, x_val=(part for part in [X]))

    class Shrinking:
        n = 700

        def __iter__(self):
            self.n -= 50
            yield X[:self.n]
    with pytest.raises(DataError, match="gave 650 examples when it was first read, and 600 now"):
        run(twin, Shrinking())
    with pytest.raises(DataError, match="holds no examples"):
        run(twin, type("Empty", (), {"__iter__": lambda self: iter(())})())


@each_twin
@pytest.mark.parametrize("shape, told", [((5, 3), r"shape \(5, 3\)"), ((0, 8), "no examples"), ((9,), r"shape \(9,\)"),
                                         ((9, 4, 2), r"reshape\(len\(x\), -1\)")])
def test_a_memory_map_of_another_shape(shape, told, twin, mapped):
    x = mapped(np.zeros(shape, np.float32)) if np.prod(shape) else np.zeros(shape, np.float32)
    with pytest.raises(DataError, match=told):
        run(twin, x)


@each_twin
def test_a_run_on_a_memory_map_is_resumed(twin, mapped, tmp_path):
    x = mapped(X)
    whole, history = run(twin, x, checkpoint=tmp_path / "c")
    again, seen = run(twin, x, checkpoint=tmp_path / "c")
    assert np.array_equal(history.step_loss, seen.step_loss) and all(np.array_equal(whole[n], again[n]) for n in whole)
    assert sources.fingerprint(sources.open_data(x, SPEC)) == sources.fingerprint(X.astype("float64"))
    assert sources.fingerprint(sources.open_data(x[1:], SPEC)) != sources.fingerprint(X.astype("float64"))
