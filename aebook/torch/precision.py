"""Mixed precision: encoder and decoder compute in bfloat16, everything around them does not."""
import contextlib

import torch

__all__ = []


@contextlib.contextmanager
def mixed_precision(model, training):
    """If training asks for it, encoder and decoder work under autocast; what they put out is float32 again."""
    parts = [model.encoder, model.decoder] if training.mixed_precision else []
    for part in parts:
        part.forward = under_autocast(part.forward)
    try:
        yield
    finally:
        for part in parts:
            del part.forward  # the class has its own


def under_autocast(forward):
    def cast(x):
        with torch.autocast(x.device.type, torch.bfloat16):
            return forward(x).float()
    return cast
