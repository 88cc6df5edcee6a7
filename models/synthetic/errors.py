"""What can go wrong in this package beside a ValueError for numbers that make no scene."""

from models.errors import ModelError


class SourceError(ModelError):
    """A folder of sprites or photographs, or a picture in it, that can't be used."""
