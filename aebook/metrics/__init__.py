"""How good is an autoencoder? Its reconstructions, the lines to compare with, its codes, its subspace.

Every metric refuses NaN, infinity and shapes that do not fit with a `DataError`.
"""
from aebook.metrics.baselines import entropy_floor, mean_image_error, pca_error
from aebook.metrics.codes import knn_precision, linear_probe_accuracy, trustworthiness
from aebook.metrics.images import psnr, ssim
from aebook.metrics.reconstruction import bernoulli_nlls, explained_variance, loss_ledger, squared_errors
from aebook.metrics.subspaces import principal_angles
from aebook.metrics.units import active_units, dead_units, sparsity

__all__ = ["squared_errors", "bernoulli_nlls", "psnr", "ssim", "loss_ledger", "explained_variance",
           "pca_error", "mean_image_error", "entropy_floor",
           "linear_probe_accuracy", "knn_precision", "trustworthiness",
           "active_units", "dead_units", "sparsity", "principal_angles"]
