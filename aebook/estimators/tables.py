"""What tables may enter an estimator, and messages that name the column that may not."""
import numpy as np
from sklearn.utils.validation import check_array, validate_data

__all__ = []

DTYPES = (np.float64, np.float32)  # of what goes in, and of what comes out


def check_table(estimator, X, fitting=False):
    """Return X as a float32 or float64 array, as scikit-learn's own estimators do, or raise a ValueError.

    When `fitting`, the estimator remembers number and names of the columns; else they must be the same.
    """
    try:
        checked = validate_data(estimator, X, reset=fitting, dtype=DTYPES, ensure_all_finite=False,
                                ensure_min_samples=2 if fitting else 1)
    except ValueError as error:
        if "could not convert string" not in str(error):
            raise
        raise ValueError(f"{text_in(X)} Encode it as numbers first: OneHotEncoder for categories, in a "
                         "ColumnTransformer if only some columns hold text.") from error
    check_finite(checked, type(estimator).__name__, getattr(estimator, "feature_names_in_", range(checked.shape[1])))
    return checked


def check_codes(estimator, Z, columns):
    """Return codes as a float32 or float64 array, or raise a ValueError."""
    Z = check_array(Z, dtype=DTYPES, ensure_all_finite=False, input_name="Z")
    if Z.shape[1] != columns:
        raise ValueError(f"Z has {Z.shape[1]} columns, but the code of this {type(estimator).__name__} has {columns}.")
    check_finite(Z, type(estimator).__name__, range(columns), "Z")
    return Z


def check_finite(X, user, names, name="X"):
    """Raise a ValueError that says where the first NaN or infinity is, if there is one."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(X.sum(dtype=np.float64)):  # one cheap pass; where it fails, look for the culprit
            return
    bad = ~np.isfinite(X)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        what = "NaN" if np.isnan(X[row, column]) else "infinity"
        raise ValueError(f"Input {name} contains {what} in column {names[column]!r}, row {row}; {bad.sum()} values in "
                         f"{bad.any(axis=0).sum()} columns are not finite numbers. {user} needs complete data: "
                         "impute such values first, for example with SimpleImputer in a Pipeline.")


def text_in(X):
    """A sentence that says which column holds which text."""
    rows = np.asarray(X, dtype=object)
    names = getattr(X, "columns", range(rows.shape[-1]))
    for name, column in zip(names, np.atleast_2d(rows).T):
        for value in column:
            try:
                float(value)
            except (TypeError, ValueError):
                return f"Column {name!r} of X holds {value!r}, which is no number."
    return "X holds text."
