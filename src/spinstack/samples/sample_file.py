"""Sample files: a film as text (TOML 1.0 in UTF-8) with units, read and written exactly.

A file begins with ``spinstack = 1``, the version of the format, and holds one ``[[film]]`` table for each element, the
lowest first. Tables such as ``[scan]`` belong to the command line.
"""

from __future__ import annotations

import os

from spinstack.samples.reader import film_from_document
from spinstack.samples.writer import sample_text, save_sample
from spinstack.stack.film import Film
from spinstack.text.document import Document, SampleError, parse_document, read_document

__all__ = [
    "Document",
    "SampleError",
    "film_from_document",
    "load_sample",
    "parse_document",
    "read_document",
    "sample_text",
    "save_sample",
]


def load_sample(path: str | os.PathLike[str]) -> Film:
    """The film that a sample file describes; raises :class:`SampleError` with file, line and field if it is not valid.

    Tables beside ``[[film]]`` (such as ``[scan]``) are for the command line and are not looked at.
    """
    return film_from_document(read_document(path))
