"""The optimizer that a `Training` asks for."""
import keras
import tensorflow as tf

__all__ = ["optimizer"]


class FusedAdam(keras.optimizers.Adam):
    """Keras's Adam, each weight updated by TensorFlow's one kernel for it instead of a dozen operations."""

    def update_step(self, gradient, variable, learning_rate):
        i, dtype = self._get_variable_index(variable), variable.dtype
        step = tf.cast(self.iterations.value + 1, dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle, m=self._momentums[i].value.handle, v=self._velocities[i].value.handle,
            beta1_power=tf.pow(tf.cast(self.beta_1, dtype), step), lr=tf.cast(learning_rate, dtype),
            beta2_power=tf.pow(tf.cast(self.beta_2, dtype), step), beta1=self.beta_1, beta2=self.beta_2,
            epsilon=self.epsilon, grad=gradient)


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
        made = FusedAdam(rate, **moments)
    else:
        made = FusedAdam(rate, weight_decay=training.weight_decay, **moments)
    made.build(model.trainable_variables)
    return made
