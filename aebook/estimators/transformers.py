"""Transformers: rows of a table to codes, and back."""
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.metrics import r2_score
from sklearn.utils import check_random_state

from aebook.estimators.base import AutoencoderEstimator
from aebook.estimators.tables import check_codes
from aebook.specs.checks import index, real
from aebook.validation import check_count

__all__ = ["AutoencoderTransformer", "DenoisingTransformer", "SparseCodeTransformer", "VariationalTransformer"]


class AutoencoderTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, AutoencoderEstimator):
    """An autoencoder as a transformer: z = encode((x - mean) / scale), x_hat = mean + scale * decode(z).

    `transform` returns codes, `inverse_transform` rows in the units of the data. Both compute with
    NumPy in float64; only `fit` needs a framework. The default sizes and rates were chosen on four
    tables of 178 to 1797 rows; on more rows fewer epochs do.

    Parameters
    ----------
    latent_dim : int
        Numbers in the code. More than there are columns is allowed, with a warning.
    hidden_dims : tuple of int
        Units of the encoder's hidden layers, outermost first; the decoder mirrors them.
    activation : {"relu", "leaky_relu", "sigmoid", "tanh", "elu", "gelu", "linear"}
        Of the hidden layers.
    framework : {"auto", "torch", "tensorflow"}
        In which to train; "auto" is PyTorch if it is installed, else TensorFlow. Both start from the
        same weights and see the same batches.
    epochs : int
        Passes over the data, at most.
    batch_size : int
        Rows per update.
    learning_rate : float
        Of Adam.
    early_stopping : bool
        Whether to set rows aside, to stop when their error falls no more, and to return to the best epoch.
        On a table of a hundred rows those set aside are few to judge by, and are missing in training.
    validation_fraction : float
        Share of the rows to set aside, in (0, 1).
    n_iter_no_change : int
        Epochs without a better error on those rows after which to stop.
    standardize : bool
        Whether the model sees each column with mean 0 and standard deviation 1. A constant column is
        centered only, with a warning. Switch it off where all columns have one unit, such as pixels.
    random_state : int, RandomState or None
        Decides the initial weights, the order of the rows and the noise.
    verbose : int
        1 shows a progress bar.

    Attributes
    ----------
    weights_ : dict of str to ndarray
        In the canonical layout of `aebook.weights`.
    spec_ : MLP
        What was built: `set_weights(Autoencoder(spec_), weights_)` of either twin makes the model.
    mean_, scale_ : ndarray of shape (n_features_in_,)
    history_ : History
        Loss of each epoch: squared error of a row, summed over its standardized columns, and penalties.
    n_iter_ : int
        Epochs that were run.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where X has column names.

    Raises
    ------
    ValueError
        By `fit`, if a parameter makes no sense (a `SpecError`), or X holds text, NaN, infinity or a
        single row.
    MissingFrameworkError
        By `fit`, if the framework is not installed.

    References
    ----------
    Hinton and Salakhutdinov (2006).

    Examples
    --------
    >>> import numpy as np
    >>> angle = np.random.default_rng(0).uniform(0, 3, size=(200, 1))
    >>> x = np.hstack([100 * np.cos(angle), np.sin(angle)])    # one number decides about two columns
    >>> model = AutoencoderTransformer(latent_dim=1, random_state=0).fit(x)
    >>> model.transform(x).shape, model.inverse_transform(model.transform(x)).shape, model.score(x) > 0.95
    ((200, 1), (200, 2), True)
    """

    @property
    def _n_features_out(self):
        return self.spec_.latent_dim

    def transform(self, X):
        """Return the code of each row.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, latent_dim)
            float32 if X is, else float64.
        """
        x, dtype = self._standardized(X)
        return self._numpy.encode(x).astype(dtype, copy=False)

    def inverse_transform(self, Z):
        """Return the row that the decoder makes of each code, in the units of the data.

        Parameters
        ----------
        Z : array_like of shape (n_samples, latent_dim)

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            float32 if Z is, else float64.
        """
        model = self._numpy
        Z = check_codes(self, Z, self.spec_.latent_dim)
        return (self.mean_ + self.scale_ * model.decode(Z)).astype(Z.dtype, copy=False)

    def score(self, X, y=None):
        """Return the share of the variation that survives in the code: 1 - sum |x - x_hat|^2 / sum |x - mean|^2.

        The sums run over rows and standardized columns, the mean over the rows of X: scikit-learn's
        `r2_score`, weighted by variance. The larger, the better: grid searches maximize it.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        float
            1 for a perfect reconstruction, 0 for answering with the mean, negative for worse. PCA has
            its explained variance ratio, summed.
        """
        x, _ = self._standardized(X)
        return float(r2_score(x, self._numpy.reconstruct(x), multioutput="variance_weighted"))


class DenoisingTransformer(AutoencoderTransformer):
    """A denoising autoencoder as a transformer: trained to restore x from a corrupted copy of x.

    To denoise rows: `inverse_transform(transform(X))`.

    Parameters
    ----------
    latent_dim, hidden_dims, activation, framework, epochs, batch_size, learning_rate
        As in `AutoencoderTransformer`.
    corruption : {"gaussian", "masking", "salt_and_pepper"}
        What is done to the rows during training, never in `transform`.
    level : float
        Standard deviation of Gaussian noise, in the units that the model sees: with `standardize`,
        standard deviations of the column. For the others the fraction of entries that are replaced.
    early_stopping, validation_fraction, n_iter_no_change, standardize, random_state, verbose
        As in `AutoencoderTransformer`.

    Attributes
    ----------
    weights_, spec_, mean_, scale_, history_, n_iter_, n_features_in_, feature_names_in_
        As in `AutoencoderTransformer`.

    Raises
    ------
    ValueError
        By `fit`, if a parameter or the data make no sense.

    References
    ----------
    Vincent et al. (2008, 2010).

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(100, 1)) @ np.ones((1, 5))
    >>> model = DenoisingTransformer(latent_dim=1, level=0.5, random_state=0).fit(x)
    >>> model.inverse_transform(model.transform(x)).shape
    (100, 5)
    """

    _class_name = "DenoisingAutoencoder"

    def __init__(self, latent_dim=2, *, corruption="gaussian", level=0.3, hidden_dims=(64,), activation="relu",
                 framework="auto", epochs=100, batch_size=32, learning_rate=3e-3, early_stopping=False,
                 validation_fraction=0.1, n_iter_no_change=10, standardize=True, random_state=None, verbose=0):
        super().__init__(
            latent_dim, hidden_dims=hidden_dims, activation=activation, framework=framework, epochs=epochs,
            batch_size=batch_size, learning_rate=learning_rate, early_stopping=early_stopping,
            validation_fraction=validation_fraction, n_iter_no_change=n_iter_no_change, standardize=standardize,
            random_state=random_state, verbose=verbose)
        self.corruption = corruption
        self.level = level

    def _model_options(self):
        return {"corruption": self.corruption, "level": real(self.level, "level", 0, float("inf"), include_low=True)}


class SparseCodeTransformer(AutoencoderTransformer):
    """A sparse autoencoder as a transformer: a code of many numbers, few of them active for any one row.

    Parameters
    ----------
    latent_dim : int
        Numbers in the code; usually more than there are columns.
    sparsity : {"topk", "l1", "kl"}
        "topk" keeps the k largest numbers of each code and sets the rest to 0. "l1" adds strength *
        sum_j |z_j| to the loss of a row; the code is then rectified, so that it holds zeros. "kl" adds
        strength * sum_j KL(rho || rho_hat_j), rho_hat_j being the mean of code j over the batch; the
        code then lies in (0, 1).
    k : int
        For "topk".
    strength : float
        For "l1" and "kl".
    rho : float
        For "kl": the mean activity to aim at, in (0, 1).
    hidden_dims, activation, framework, epochs, batch_size, learning_rate
        As in `AutoencoderTransformer`.
    early_stopping, validation_fraction, n_iter_no_change, standardize, random_state, verbose
        As in `AutoencoderTransformer`.

    Attributes
    ----------
    weights_, spec_, mean_, scale_, history_, n_iter_, n_features_in_, feature_names_in_
        As in `AutoencoderTransformer`.

    Raises
    ------
    ValueError
        By `fit`, if a parameter or the data make no sense.

    References
    ----------
    Ng (2011), "Sparse autoencoder"; Makhzani and Frey (2013).

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(100, 5))
    >>> z = SparseCodeTransformer(latent_dim=20, k=3, random_state=0).fit_transform(x)
    >>> z.shape, np.count_nonzero(z, axis=1).max()
    ((100, 20), np.int64(3))
    """

    _class_name = "SparseAutoencoder"
    _overcomplete = True

    def __init__(self, latent_dim=32, *, sparsity="topk", k=4, strength=1.0, rho=0.05, hidden_dims=(64,),
                 activation="relu", framework="auto", epochs=100, batch_size=32, learning_rate=3e-3,
                 early_stopping=False, validation_fraction=0.1, n_iter_no_change=10, standardize=True,
                 random_state=None, verbose=0):
        super().__init__(
            latent_dim, hidden_dims=hidden_dims, activation=activation, framework=framework, epochs=epochs,
            batch_size=batch_size, learning_rate=learning_rate, early_stopping=early_stopping,
            validation_fraction=validation_fraction, n_iter_no_change=n_iter_no_change, standardize=standardize,
            random_state=random_state, verbose=verbose)
        self.sparsity = sparsity
        self.k = k
        self.strength = strength
        self.rho = rho

    def _latent_activation(self):
        return {"l1": "relu", "kl": "sigmoid"}.get(str(self.sparsity), "linear")

    def _model_options(self):
        return {"sparsity": self.sparsity, "strength": real(self.strength, "strength", 0, float("inf"), True),
                "rho": real(self.rho, "rho", 0, 1), "k": index(self.k, "k", 1)}


class VariationalTransformer(AutoencoderTransformer):
    """A variational autoencoder as a transformer: codes spread like N(0, I), from which new rows can be drawn.

    Its loss is |x - x_hat|^2 + beta KL(q(z|x) || N(0, I)) in standardized units; `transform` returns the
    mean of q(z|x).

    Parameters
    ----------
    latent_dim, hidden_dims, activation, framework, epochs, batch_size, learning_rate
        As in `AutoencoderTransformer`.
    beta : float
        Weight of the KL term. The larger, the closer the codes are to N(0, I), and the less they say.
    early_stopping, validation_fraction, n_iter_no_change, standardize, random_state, verbose
        As in `AutoencoderTransformer`.

    Attributes
    ----------
    weights_, spec_, mean_, scale_, history_, n_iter_, n_features_in_, feature_names_in_
        As in `AutoencoderTransformer`.

    Raises
    ------
    ValueError
        By `fit`, if a parameter or the data make no sense.

    References
    ----------
    Kingma and Welling (2014); for beta, Higgins et al. (2017).

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(100, 2)) @ [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]
    >>> VariationalTransformer(random_state=0).fit(x).sample(5, random_state=0).shape
    (5, 3)
    """

    _class_name = "VariationalAutoencoder"
    _outputs_per_code = 2

    def __init__(self, latent_dim=2, *, beta=1.0, hidden_dims=(64,), activation="relu", framework="auto", epochs=100,
                 batch_size=32, learning_rate=3e-3, early_stopping=False, validation_fraction=0.1,
                 n_iter_no_change=10, standardize=True, random_state=None, verbose=0):
        super().__init__(
            latent_dim, hidden_dims=hidden_dims, activation=activation, framework=framework, epochs=epochs,
            batch_size=batch_size, learning_rate=learning_rate, early_stopping=early_stopping,
            validation_fraction=validation_fraction, n_iter_no_change=n_iter_no_change, standardize=standardize,
            random_state=random_state, verbose=verbose)
        self.beta = beta

    def _model_options(self):
        return {"beta": real(self.beta, "beta", 0, float("inf"), include_low=True)}

    def sample(self, n_samples=1, random_state=None):
        """Return new rows: codes drawn from N(0, I), decoded.

        Parameters
        ----------
        n_samples : int
        random_state : int, RandomState or None
            Decides the codes.

        Returns
        -------
        ndarray of shape (n_samples, n_features), float64
            Means of p(x|z), in the units of the data; real rows scatter about such means.
        """
        shape = (check_count(n_samples, "n_samples"), self._numpy.spec.latent_dim)
        return self.inverse_transform(check_random_state(random_state).standard_normal(shape))
