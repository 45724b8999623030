"""Save a model to a file and load it again, here or in the other framework."""
from aebook.errors import ModelFileError, SpecError
from aebook.files import read_model, write_model
from aebook.tensorflow.autoencoder import Autoencoder
from aebook.tensorflow.contractive import ContractiveAutoencoder
from aebook.tensorflow.denoising import DenoisingAutoencoder
from aebook.tensorflow.sparse import SparseAutoencoder
from aebook.tensorflow.variational import VariationalAutoencoder
from aebook.tensorflow.weights import get_weights, set_weights

__all__ = ["load", "save"]

MODELS = {cls.__name__: cls for cls in (Autoencoder, DenoisingAutoencoder, SparseAutoencoder, ContractiveAutoencoder,
                                        VariationalAutoencoder)}  # no other class is ever made from a file


def save(model, path):
    """Save a model's spec and weights to a safetensors file that either framework can load.

    The file is written whole or not at all: if saving fails, an older file stays as it was.

    Parameters
    ----------
    model : Autoencoder
    path : str or path-like
        Taken as it is; `.safetensors` is the usual ending.

    Raises
    ------
    ModelFileError
        If the file cannot be written, or the model is not one of aebook's own.
    WeightsError
        If a weight is not finite.

    Examples
    --------
    >>> import os, tempfile
    >>> from aebook.specs import MLP
    >>> from aebook.tensorflow import Autoencoder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small.safetensors")
    ...     save(Autoencoder(MLP(4, (3,), 2)), path)
    ...     load(path).spec.latent_dim
    2
    """
    name = type(model).__name__
    if MODELS.get(name) is not type(model):
        raise ModelFileError(f"{path}: {name} is not one of {', '.join(MODELS)}, so no file could say how to build it. "
                             "Save a model of your own with its `save_weights`.")
    write_model(path, name, model.spec, get_weights(model), model.options)


def load(path, device=None):
    """Load a model that `save` of either framework wrote.

    Parameters
    ----------
    path : str or path-like
    device : str, optional
        Where the model is to live and work: "cpu", "gpu", or "gpu:1" for the second GPU. By default
        what the environment variable AEBOOK_DEVICE says, else the first GPU, else the CPU.

    Returns
    -------
    Autoencoder
        With the spec and the weights of the file, ready for inference.

    Raises
    ------
    ModelFileError
        If the file cannot be read, is damaged, is of another kind, or is of a newer version.

    Examples
    --------
    >>> import os, tempfile
    >>> from aebook.specs import MLP
    >>> from aebook.tensorflow import Autoencoder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small.safetensors")
    ...     save(Autoencoder(MLP(4, (3,), 2)), path)
    ...     load(path).spec.input_dim
    4
    """
    name, spec, weights, options = read_model(path)
    try:
        model = MODELS[name](spec, **options, device=device)
    except (SpecError, TypeError) as error:
        raise ModelFileError(f"{path}: the options of the model make no sense: {error}") from None
    set_weights(model, weights)
    return model
