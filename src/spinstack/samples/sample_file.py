"""Sample files: a film as text (TOML 1.0 in UTF-8) with units, read and written exactly.

A file begins with ``spinstack = 1``, the version of the format, and holds one ``[[film]]`` table for each element, the
lowest first. Tables such as ``[scan]`` are requests, which :mod:`spinstack.study` reads.
"""

from __future__ import annotations

from spinstack.samples.reader import film_from_document
from spinstack.samples.writer import sample_text, save_sample
from spinstack.text.document import Document, SampleError, parse_document, read_document

__all__ = [
    "Document",
    "SampleError",
    "film_from_document",
    "parse_document",
    "read_document",
    "sample_text",
    "save_sample",
]
