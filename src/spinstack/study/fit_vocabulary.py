"""What a fit file may say: its tables with their keys, as the readers declare them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spinstack.study import fit_data, fit_mechanisms, fit_raw, fit_reader, fit_results
from spinstack.study.arguments import own_parameters


def fit_tables() -> dict[str, tuple[tuple[str, ...], str]]:
    """Name of a table -> its keys, and what it is about."""

    def keys(function: Callable[..., Any], *more: str) -> tuple[str, ...]:
        return (*own_parameters(function), *more)

    parameter, tie = fit_reader.PARAMETER_KEYS, keys(fit_reader.tie_table)
    return {
        "[fit]": (keys(fit_reader.fit_table), "the film, and how it is fitted"),
        "[[fit.sample]]": (fit_reader.SAMPLE_KEYS, "a film that was measured, or several"),
        "[[fit.parameter]]": (parameter, "what is unknown, and what is known of it before the data"),
        "[[fit.tie]]": (tie, "a parameter that follows from others"),
        "[[fit.data]]": (fit_data.OWN, "numbers that were measured, with the arguments of their observable"),
        "[[fit.data]] with result": (fit_results.OWN, "numbers that spinstack analyze has found"),
        "[[fit.data]] with file": (fit_raw.OWN, "rows of a measured file"),
        "[posterior]": (
            keys(fit_reader.posterior_table),
            "draws from their distribution, for --posterior",
        ),
        "[mechanisms]": (keys(fit_mechanisms.mechanisms_table, "priors"), "ready-made mechanisms, for --mechanisms"),
        "[[mechanism]]": (fit_mechanisms.MECHANISM_KEYS, "a mechanism of your own"),
        "[[mechanism.parameter]]": (parameter, "what is free in it"),
        "[[mechanism.tie]]": (tie, "what follows from other parameters in it"),
        "[[candidate]]": (
            fit_mechanisms.CANDIDATE_KEYS,
            "what could be measured next, and its arguments",
        ),
        "[next]": (keys(fit_mechanisms.next_table), "what is to be learnt of candidates, for --next"),
    }
