"""Published parameters of interfaces between metals: as printed, in SI, and as an interface element takes them."""

from spinstack.interfaces.library import (
    Derived,
    KnownInterface,
    Published,
    interface,
    names,
    parameters,
    read,
    table,
)

__all__ = ["Derived", "KnownInterface", "Published", "interface", "names", "parameters", "read", "table"]
