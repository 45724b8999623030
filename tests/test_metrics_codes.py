"""What a code tells: against the definitions, perfect and ignorant codes, ties, labels."""
import numpy as np
import pytest

from aebook import metrics
from aebook.errors import DataError

rng = np.random.default_rng(0)
Y = np.repeat(np.arange(5), 40)
CLUSTERS = 10 * np.eye(5)[Y] + rng.normal(size=(200, 5))
NOISE = rng.normal(size=(200, 5))


def squared_distances(x):
    """Between all pairs; an example is infinitely far from itself."""
    return np.sum((x[:, None] - x) ** 2, axis=2) + np.diag(np.full(len(x), np.inf))


@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
def test_linear_probe_of_clusters_and_noise(scale):
    z = scale * CLUSTERS
    assert metrics.linear_probe_accuracy(z[::2], Y[::2], z[1::2], Y[1::2]) == 1
    z = scale * NOISE
    assert abs(metrics.linear_probe_accuracy(z[::2], Y[::2], z[1::2], Y[1::2]) - 0.2) < 0.12  # 3 standard errors


def test_linear_probe_is_linear():
    """Exclusive or: no line tells the classes apart."""
    z = np.array([[0, 0], [1, 1], [0, 1], [1, 0]] * 5)
    y = np.array([0, 0, 1, 1] * 5)
    assert metrics.linear_probe_accuracy(z, y, z, y) <= 0.75
    product = np.column_stack([z, z.prod(axis=1)])
    assert metrics.linear_probe_accuracy(np.repeat(product, 50, axis=0), np.repeat(y, 50), product, y) == 1


def test_linear_probe_of_a_constant_code_answers_the_most_frequent_class():
    y = np.array([1, 1, 1, 0])
    assert metrics.linear_probe_accuracy(np.ones((4, 2)), y, np.ones((4, 2)), y) == 0.75


def test_linear_probe_is_deterministic_and_counts_on_the_test_part():
    halves = NOISE[::2], Y[::2], NOISE[1::2], Y[1::2]
    assert metrics.linear_probe_accuracy(*halves) == metrics.linear_probe_accuracy(*halves)
    assert metrics.linear_probe_accuracy(CLUSTERS, Y, CLUSTERS[:4], [0, 0, 0, 99]) == 0.75


@pytest.mark.parametrize("k", [1, 3, 10, 199])
def test_knn_precision_follows_its_definition(k):
    z = CLUSTERS / 10 + NOISE / 2
    nearest = np.argsort(squared_distances(z), axis=1)[:, :k]
    expected = np.mean([np.mean(Y[nearest[i]] == Y[i]) for i in range(200)])
    assert metrics.knn_precision(z, Y, k) == pytest.approx(expected)


def test_knn_precision_of_clusters_and_chance():
    assert metrics.knn_precision(CLUSTERS, Y) == 1
    chance = 5 * 40 * 39 / (200 * 199)
    assert metrics.knn_precision(NOISE, Y, k=199) == pytest.approx(chance)
    assert abs(metrics.knn_precision(NOISE, Y) - chance) < 0.05


def test_knn_precision_leaves_the_example_itself_out():
    z = np.repeat(rng.normal(size=(50, 2)), 2, axis=0)  # each point twice, once with each label
    assert metrics.knn_precision(z, np.arange(100) % 2, k=1) == 0


@pytest.mark.parametrize("units", [1, 2, 32])
@pytest.mark.parametrize("common_label_first", [True, False])
def test_the_order_of_the_examples_has_no_say_where_the_code_is_constant(units, common_label_first):
    y = np.repeat([0, 1], [150, 50])
    chance = (150 * 149 + 50 * 49) / (200 * 199)
    z = np.ones((200, units))
    assert abs(metrics.knn_precision(z, y if common_label_first else y[::-1], k=50) - chance) < 0.1


def test_a_constant_code_is_not_trusted():
    assert abs(metrics.trustworthiness(CLUSTERS, np.ones((200, 2)), k=50) - 0.5) < 0.1


def trustworthiness_by_definition(x, z, k):
    n = len(x)
    ranks = np.argsort(np.argsort(squared_distances(x), axis=1), axis=1) + 1
    nearest = np.argsort(squared_distances(z), axis=1)[:, :k]
    excess = sum(max(0, ranks[i, j] - k) for i in range(n) for j in nearest[i])
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * excess


@pytest.mark.parametrize("k", [1, 5, 20])
def test_trustworthiness_follows_its_definition(k):
    x, z = NOISE[:41], NOISE[:41, :2]
    expected = trustworthiness_by_definition(x, z, k)
    assert 0.5 < expected < 0.95
    assert metrics.trustworthiness(x, z, k) == pytest.approx(expected)


def test_trustworthiness_of_a_turned_copy_and_of_chance():
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    assert metrics.trustworthiness(NOISE, 3 * NOISE @ turn - 7) == 1
    assert abs(metrics.trustworthiness(NOISE, rng.normal(size=(200, 2))) - 0.5) < 0.05


def test_images_may_keep_their_shape_in_trustworthiness():
    x = rng.normal(size=(30, 4, 3))
    assert metrics.trustworthiness(x, NOISE[:30]) == metrics.trustworthiness(x.reshape(30, 12), NOISE[:30])


@pytest.mark.parametrize("k", [0, -1, 200, 2.0, "2", None])
@pytest.mark.parametrize("metric, most", [(lambda k: metrics.knn_precision(NOISE, Y, k), 199),
                                          (lambda k: metrics.trustworthiness(NOISE, NOISE, k), 99)],
                         ids=["knn_precision", "trustworthiness"])
def test_neighbors_that_there_cannot_be(metric, most, k):
    with pytest.raises(DataError, match=f"k must be a whole number between 1 and {most}"):
        metric(k)
    metric(most)
    with pytest.raises(DataError):
        metric(most + 1)


@pytest.mark.parametrize("names", [Y, Y.astype(float), Y.astype(np.uint8), Y.astype(str), Y.astype(str).astype(object),
                                   Y.tolist()], ids=["int", "float", "uint8", "str", "object", "list"])
def test_labels_of_any_kind(names):
    assert metrics.knn_precision(CLUSTERS, names) == 1
    assert metrics.linear_probe_accuracy(CLUSTERS, names, CLUSTERS, names) == 1


@pytest.mark.parametrize("bad", [Y[:-1], Y[:, None], np.eye(5)[Y], 3, Y + 0.5, np.where(Y, Y, np.nan),
                                 np.where(Y, Y, np.inf), np.where(Y, Y, None), Y + 1j],
                         ids=["short", "column", "one-hot", "number", "fractions", "nan", "inf", "None", "complex"])
@pytest.mark.parametrize("metric", [
    lambda y: metrics.knn_precision(NOISE, y),
    lambda y: metrics.linear_probe_accuracy(NOISE, y, NOISE, Y),
    lambda y: metrics.linear_probe_accuracy(NOISE, Y, NOISE, y)], ids=["knn", "y_train", "y_test"])
def test_labels_that_are_none(metric, bad):
    with pytest.raises(DataError, match="y(_train|_test)? needs"):
        metric(bad)


def test_a_probe_needs_two_classes_of_one_kind_and_codes_of_one_width():
    with pytest.raises(DataError, match="single class"):
        metrics.linear_probe_accuracy(NOISE, 0 * Y, NOISE, Y)
    with pytest.raises(DataError, match="one kind"):
        metrics.linear_probe_accuracy(NOISE, Y, NOISE, Y.astype(str))
    with pytest.raises(DataError, match="z_train and z_test need as many features"):
        metrics.linear_probe_accuracy(NOISE, Y, NOISE[:, :4], Y)


def test_too_few_examples_for_any_neighbor():
    for metric in (lambda: metrics.knn_precision([[0.0]], [0]), lambda: metrics.trustworthiness(np.eye(2), np.eye(2))):
        with pytest.raises(DataError, match="too few examples"):
            metric()


def test_ragged_labels():
    with pytest.raises(DataError, match="y is no rectangular array"):
        metrics.knn_precision(np.eye(3), [[1], [2, 3], [4]], k=1)
