"""The outlier detector: what an autoencoder of the usual cannot reconstruct is unusual."""
import numpy as np
from sklearn.base import OutlierMixin

from aebook.estimators.base import AutoencoderEstimator
from aebook.estimators.tables import check_table
from aebook.specs.checks import real

__all__ = ["AutoencoderDetector"]


class AutoencoderDetector(OutlierMixin, AutoencoderEstimator):
    """An outlier detector: the score of a row is -sum_i ((x_i - x_hat_i) / s_i)^2, s_i the scale of column i.

    A row is an outlier where its score is below `offset_`. That threshold is set on the rows of the
    training, of which a share of `contamination` falls below it. On new rows the model errs more than
    on those it was trained on, and more of them do: with few rows and a large network several times
    as many. For a rate of false alarms that holds, set rows aside and compare `score_samples` with
    `np.quantile(detector.score_samples(set_aside), rate)` instead.

    Parameters
    ----------
    latent_dim, hidden_dims, activation, framework, epochs, batch_size, learning_rate
        As in `AutoencoderTransformer`.
    early_stopping, validation_fraction, n_iter_no_change, standardize, random_state, verbose
        As in `AutoencoderTransformer`. Without `standardize` columns in large units dominate the score.
    contamination : float
        Share of the rows of the training to be called outliers, in (0, 0.5].

    Attributes
    ----------
    offset_ : float
        Threshold of `score_samples`.
    weights_, spec_, mean_, scale_, history_, n_iter_, n_features_in_, feature_names_in_
        As in `AutoencoderTransformer`.

    Raises
    ------
    ValueError
        By `fit`, if a parameter or the data make no sense.

    References
    ----------
    Hawkins, He, Williams and Baxter (2002); Sakurada and Yairi (2014).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> load = rng.normal(size=(300, 1))
    >>> x = load @ [[1.0, 2.0, -1.0]] + 0.1 * rng.normal(size=(300, 3))   # three sensors of one machine
    >>> detector = AutoencoderDetector(latent_dim=1, random_state=0).fit(x)
    >>> broken = x[:1] + [[0.0, 0.0, 3.0]]
    >>> detector.predict(broken), detector.explain(broken).argmax()
    (array([-1]), np.int64(2))
    """

    def __init__(self, latent_dim=2, *, contamination=0.1, hidden_dims=(64,), activation="relu", framework="auto",
                 epochs=100, batch_size=32, learning_rate=3e-3, early_stopping=False, validation_fraction=0.1,
                 n_iter_no_change=10, standardize=True, random_state=None, verbose=0):
        super().__init__(
            latent_dim, hidden_dims=hidden_dims, activation=activation, framework=framework, epochs=epochs,
            batch_size=batch_size, learning_rate=learning_rate, early_stopping=early_stopping,
            validation_fraction=validation_fraction, n_iter_no_change=n_iter_no_change, standardize=standardize,
            random_state=random_state, verbose=verbose)
        self.contamination = contamination

    def fit(self, X, y=None):
        """Fit the autoencoder and set the threshold.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self
        """
        X = check_table(self, X, fitting=True)
        contamination = real(self.contamination, "contamination", 0, 0.5, include_high=True)
        self._fit(X)
        scores = -self._squared_errors((X - self.mean_) / self.scale_).sum(axis=1)
        self.offset_ = float(np.percentile(scores, 100 * contamination))
        return self

    def score_samples(self, X):
        """Return minus the squared error of each row, in standardized units; the lower, the more unusual.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        return -self._squared_errors(self._standardized(X)[0]).sum(axis=1)

    def decision_function(self, X):
        """Return score_samples(X) - offset_: negative for outliers.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X):
        """Return -1 for each outlier and 1 for each other row.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,), int
        """
        return np.where(self.decision_function(X) < 0, -1, 1)

    def explain(self, X):
        """Return each column's share of the squared error of each row: which sensor raised the alarm.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Each row sums to 1; equal shares where there is no error at all.
        """
        errors = self._squared_errors(self._standardized(X)[0])
        total = errors.sum(axis=1, keepdims=True)
        return np.divide(errors, total, out=np.full_like(errors, 1 / errors.shape[1]), where=total > 0)
