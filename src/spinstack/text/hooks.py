"""Calls that go up a floor: who needs one finds it here, and the package connects it when it is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

#: constructor values of a library material in SI: (material, kind, what is given) -> values by name
material_values: Callable[[str, str, Mapping[str, Any]], dict[str, Any]]
#: constructor values of a library interface: (names that it joins, what is given, at any temperature) -> values by name
interface_values: Callable[[str, Mapping[str, Any], bool], dict[str, Any]]
#: a film -> its drawing as HTML, for notebooks
film_html: Callable[[Any], str]
#: gives labelled results `.spinstack.plot()`
plots: Callable[[], None]
