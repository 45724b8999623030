"""scikit-learn's own checks of an estimator, none of which may fail or be skipped, in both frameworks."""
import pytest
from sklearn.utils import estimator_checks as checks

from aebook import estimators

CLASSES = [getattr(estimators, name) for name in estimators.__all__ if isinstance(getattr(estimators, name), type)]
SMALL = {"hidden_dims": (4,), "epochs": 5, "batch_size": 64}
TABLE_CHECKS = [checks.check_dataframe_column_names_consistency]  # those that scikit-learn asks of its own estimators
CODE_CHECKS = [checks.check_transformer_get_feature_names_out, checks.check_transformer_get_feature_names_out_pandas,
               checks.check_set_output_transform, checks.check_set_output_transform_pandas,
               checks.check_global_output_transform_pandas]


@checks.parametrize_with_checks([cls(**SMALL, framework=framework)
                                 for framework in ("torch", "tensorflow") for cls in CLASSES])
def test_check(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # without it a check is skipped
    check(estimator)


@pytest.mark.filterwarnings("ignore:X (does not have valid|has) feature names:UserWarning")  # asked for by the checks
@pytest.mark.parametrize("cls", CLASSES)
def test_further_check(cls):
    for check in TABLE_CHECKS + CODE_CHECKS * hasattr(cls, "transform"):
        check(cls.__name__, cls(**SMALL))
