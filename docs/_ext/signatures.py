"""Signatures as people read them."""

from __future__ import annotations

import inspect
import re
from typing import Any

from sphinx.application import Sphinx

from spinstack.stack.described import Described


def plain_signature(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Units and names that stand beside a type are told in the text below, and all of an element but the names."""
    found = getattr(thing, "observable", None)
    returns = "xarray.Dataset" if found is not None and found.labelled else returns
    if what == "class" and issubclass(thing, Described):
        bare = [p.replace(annotation=p.empty) for p in inspect.signature(thing).parameters.values()]
        signature = str(inspect.Signature(bare))
    if signature:
        signature = re.sub(r"Annotated\[(.+?), (?:In|Named)\(.*?\)\]", r"\1", signature)
        signature = re.sub(r"<(?:factory|function .+?>)>", "...", signature)
    return signature, returns


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("autodoc-process-signature", plain_signature)
    return {"parallel_read_safe": True}
