"""scikit-learn's own checks of an estimator, none of which may fail, in both frameworks."""
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from aebook import estimators

CLASSES = [getattr(estimators, name) for name in estimators.__all__ if isinstance(getattr(estimators, name), type)]
SMALL = {"hidden_dims": (4,), "epochs": 5, "batch_size": 64}


@parametrize_with_checks([cls(**SMALL, framework=framework) for cls in CLASSES for framework in ("torch", "tensorflow")])
def test_check(estimator, check):
    check(estimator)


def test_there_are_checks_of_all_five():
    assert len(CLASSES) == 5
