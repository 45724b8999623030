"""The optimizer that a `Training` asks for."""
import keras

__all__ = ["optimizer"]


def optimizer(model, training):
    """Return the optimizer of a training for the weights of a model.

    Parameters
    ----------
    model : Autoencoder
    training : Training

    Returns
    -------
    keras.optimizers.Optimizer
        Built: its slots exist before a graph is compiled around it.

    Examples
    --------
    >>> from aebook.specs import MLP, Training
    >>> from aebook.tensorflow import Autoencoder
    >>> type(optimizer(Autoencoder(MLP(4, (), 2)), Training(optimizer="sgd"))).__name__
    'SGD'
    """
    if training.optimizer == "sgd":
        made = keras.optimizers.SGD(learning_rate=training.learning_rate)
    else:
        made = keras.optimizers.Adam(learning_rate=training.learning_rate, beta_1=training.beta_1,
                                     beta_2=training.beta_2, epsilon=training.epsilon)
    made.build(model.trainable_variables)
    return made
