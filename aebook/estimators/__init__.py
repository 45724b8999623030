"""The autoencoders as scikit-learn estimators: for your own tables, in pipelines and grid searches.

A framework is loaded by `fit` alone. What is fitted works with NumPy: it can be copied, pickled, saved
and used where neither framework is installed. There is no `sample_weight` and no `partial_fit`: a row of
weight two is not the same as two rows when batches are drawn, nor is a model that is trained on one part
after the other the same as one that is trained on all.
"""
from aebook.estimators.detector import AutoencoderDetector
from aebook.estimators.files import load, save
from aebook.estimators.transformers import (
    AutoencoderTransformer,
    DenoisingTransformer,
    SparseCodeTransformer,
    VariationalTransformer,
)

__all__ = ["AutoencoderDetector", "AutoencoderTransformer", "DenoisingTransformer", "SparseCodeTransformer",
           "VariationalTransformer", "load", "save"]
