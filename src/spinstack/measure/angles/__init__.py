"""Angle scans: harmonics, the three planes together, magnetisation that lags the field, tables of amplitudes."""

from spinstack.measure.angles.curves import curve, polar
from spinstack.measure.angles.harmonics import fit_harmonics, with_interval
from spinstack.measure.angles.macrospin import follow, magnetisation
from spinstack.measure.angles.planes import consistency, fit_planes
from spinstack.measure.angles.resampling import bootstrap
from spinstack.measure.angles.residuals import diagnostics
from spinstack.measure.angles.tables import amplitude_table

__all__ = [
    "amplitude_table",
    "bootstrap",
    "consistency",
    "curve",
    "diagnostics",
    "fit_harmonics",
    "fit_planes",
    "follow",
    "magnetisation",
    "polar",
    "with_interval",
]
