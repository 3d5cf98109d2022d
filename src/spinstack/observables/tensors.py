"""The film's tensors as labelled variables, the same in every scan."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinstack.observables.sheet import inverse2


def tensor_variables(G: np.ndarray, dims: tuple[str, ...]) -> dict[str, Any]:
    """R_xx ... R_yy [Ohm] and G_xx ... G_yy [S] from sheet conductances (..., 2, 2) over `dims`."""
    out: dict[str, Any] = {}
    kinds = (("R", inverse2(G), "Ohm", "sheet resistance"), ("G", G, "S", "sheet conductance"))
    for symbol, tensor, unit, words in kinds:
        for i, a in enumerate("xy"):
            for k, b in enumerate("xy"):
                label = {"units": unit, "long_name": f"{words} {symbol}_{a}{b}"}
                out[f"{symbol}_{a}{b}"] = (dims, tensor[..., i, k], label)
    return out


def ratio_variable(R: np.ndarray, reference: np.ndarray, dims: tuple[str, ...], words: str) -> dict[str, Any]:
    """MR_xx = (R_xx - R_ref)/R_ref with the reference in words."""
    label = {"units": "1", "long_name": "(R_xx - R_ref)/R_ref", "reference": words}
    return {"MR_xx": (dims, (R - reference) / reference, label)}
