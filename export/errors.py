"""What can go wrong in this package.

ExportError
├── ConversionError   a graph can't be converted, or what came out does not run or agree
│   └── UnsupportedOpError a format lacks an operator, or a way to use it
├── TnnFormatError    a TNN file that is none, or a network that TNN's files can't hold
├── OutputExistsError the output is there already and may not be replaced
└── BundleError       a bundle that is missing, incomplete, changed or not a bundle
"""


class ExportError(Exception):
    """Base of every error of `export`."""


class ConversionError(ExportError):
    """A graph can't be converted, or what came out does not run or does not agree."""


class TnnFormatError(ExportError):
    """A `.tnnproto` or `.tnnmodel` that is none, or a network that they can't hold."""


class UnsupportedOpError(ConversionError):
    """The format lacks an operator of the graph, or one of the ways in which it is used."""


class OutputExistsError(ExportError):
    """The output is there already and may not be replaced."""


class BundleError(ExportError):
    """A bundle that is missing, incomplete, changed or not a bundle at all."""


def first_line(error: Exception) -> str:
    """What a library's error says, without the lines behind; its class where it says nothing."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
