"""Signatures as people read them."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx


def plain_signature(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Units and names that stand beside a type are told in the text below."""
    found = getattr(thing, "observable", None)
    returns = "xarray.Dataset" if found is not None and found.labelled else returns
    return signature and re.sub(r"Annotated\[(.+?), (?:In|Named)\(.*?\)\]", r"\1", signature), returns


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("autodoc-process-signature", plain_signature)
    return {"parallel_read_safe": True}
