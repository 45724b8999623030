"""Mixed precision: encoder and decoder compute in bfloat16, everything around them does not."""
import contextlib

import tensorflow as tf

__all__ = []


@contextlib.contextmanager
def mixed_precision(model, training):
    """If training asks for it, encoder and decoder work under Keras's policy; what they put out is float32 again."""
    parts = [model.encoder, model.decoder] if training.mixed_precision else []
    layers = [layer for part in parts for layer in part._flatten_layers()]
    policies = [layer.dtype_policy for layer in layers]
    for layer in layers:
        layer.dtype_policy = "mixed_bfloat16"
    for part in parts:
        object.__setattr__(part, "call", cast_back(part.call))  # Keras would track it as a part of the layer
    try:
        yield
    finally:
        for part in parts:
            object.__delattr__(part, "call")  # the class has its own
        for layer, policy in zip(layers, policies):
            layer.dtype_policy = policy


def cast_back(call):
    def cast(*args, **kwargs):
        return tf.cast(call(*args, **kwargs), tf.float32)
    return cast
