"""What can go wrong in this package.

ModelError
├── UnknownModelError   a name that is not in the zoo
├── ConfigError         a configuration that describes no network
├── InputSizeError      a height or width that the network can't take
├── CheckpointError     a file of weights that is missing, broken or another network's
├── DataError           training data that is missing, broken or not as its layout says
└── TrainingError       a run that can't go on
"""


class ModelError(Exception):
    """Base of every error of `models`."""


class UnknownModelError(ModelError):
    """A model name that is not in the zoo."""


class ConfigError(ModelError):
    """A configuration that describes no network."""


class InputSizeError(ModelError):
    """A height or width that the network can't take."""


class CheckpointError(ModelError):
    """A file of weights that is missing, broken or another network's."""


class DataError(ModelError):
    """Training data that is missing, broken or not as its layout says."""


class TrainingError(ModelError):
    """A training run that can't go on."""
