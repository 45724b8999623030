"""The errors this package raises, as one family: `except AebookError` catches them all.

Each also derives from the built-in exception that a caller would expect in its place, so
that `except ValueError` around a call with bad input works as it does elsewhere.
"""

__all__ = ["AebookError", "SpecError", "DataError", "DatasetError", "FormatError", "WeightsError",
           "ModelFileError", "MissingLibraryError", "MissingFrameworkError", "NonFiniteLossError", "ClaimError",
           "CheckpointError", "CheckpointWarning", "DeviceError", "LostProcessError", "InterruptedWarning",
           "StandInWarning"]


class AebookError(Exception):
    """Base class of every error that aebook raises on purpose."""


class SpecError(AebookError, ValueError):
    """A field of a specification has a value that makes no sense; the message names the field."""


class DataError(AebookError, ValueError):
    """An array given to a model cannot be used; the message names the row and the column."""


class DatasetError(AebookError, OSError):
    """A data set is not to be had: no local copy, and no mirror gave a good one."""


class FormatError(DatasetError):
    """A data file is not what its name says: wrong magic, dimensions, length or checksum."""


class WeightsError(AebookError, ValueError):
    """Weights do not fit the model they are given to; the message names the tensor."""


class ModelFileError(AebookError, OSError):
    """A model cannot be saved to or loaded from a file; the message names the file and the remedy."""


class CheckpointError(AebookError, OSError):
    """A checkpoint is damaged, belongs to another run, or cannot be written; the message says what to do."""


class DeviceError(AebookError, ValueError):
    """A device was asked for that is not there; the message says what there is."""


class LostProcessError(AebookError, ConnectionError):
    """One of several processes that trained together is gone; the message says from where to go on."""


class MissingLibraryError(AebookError, ImportError):
    """An optional library that a function needs is not installed; the message gives the install line."""


class MissingFrameworkError(MissingLibraryError):
    """The framework that a function needs is not installed; the message gives the install line."""


class NonFiniteLossError(AebookError, ArithmeticError):
    """The training or validation loss became NaN or infinite; the message names the epoch and the step.

    Its `history` is the History of the run up to there.
    """

    history = None


class ClaimError(AebookError, AssertionError):
    """A claim does not hold; the message gives its sentence and both numbers."""


class CheckpointWarning(UserWarning):
    """A checkpoint is damaged and the one before it is used; the message says why."""


class InterruptedWarning(UserWarning):
    """Training was interrupted; the message says what the model and the history hold."""


class StandInWarning(UserWarning):
    """Another data set stands in for the one that was asked for; the message says why."""
