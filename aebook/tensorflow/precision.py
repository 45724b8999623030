"""Mixed precision: encoder and decoder compute in bfloat16, everything around them does not."""
import contextlib

import tensorflow as tf

from aebook.errors import SpecError

__all__ = []


def check_precision(model, training):
    """Mixed precision is for models in float32."""
    if training.mixed_precision and model.spec.dtype != "float32":
        raise SpecError(f"mixed_precision computes in bfloat16 and float32, and the spec says {model.spec.dtype}: "
                        "leave one of the two out.")


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
