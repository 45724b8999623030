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
    rate = training.learning_rate
    moments = {"beta_1": training.beta_1, "beta_2": training.beta_2, "epsilon": training.epsilon}
    if training.optimizer == "sgd":
        made = keras.optimizers.SGD(rate)
    elif training.optimizer == "momentum":
        made = keras.optimizers.SGD(rate, momentum=training.momentum)
    elif training.optimizer == "rmsprop":
        # Keras adds epsilon under the root, PyTorch outside: squared, it guards against the same
        made = keras.optimizers.RMSprop(rate, rho=training.rho, epsilon=training.epsilon**2)
    elif training.optimizer == "adam":
        made = keras.optimizers.Adam(rate, **moments)
    else:
        made = keras.optimizers.AdamW(rate, weight_decay=training.weight_decay, **moments)
    made.build(model.trainable_variables)
    return made
