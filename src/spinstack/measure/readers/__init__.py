"""Files of meters to measurements: ``read(path)``; ``inspect(path)`` shows what stands in a file."""

from spinstack.measure.readers.description import Angle, Column, Description, HeaderValue
from spinstack.measure.readers.inspection import Report, SeenColumn, inspect
from spinstack.measure.readers.reading import NotReadError, read, read_recorded

__all__ = [
    "Angle", "Column", "Description", "HeaderValue", "NotReadError", "Report", "SeenColumn", "inspect", "read",
    "read_recorded",
]  # fmt: skip
