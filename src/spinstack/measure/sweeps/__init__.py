"""Field and temperature sweeps: Hall effect, hysteresis loops, magnetoresistance, critical temperatures."""

from spinstack.measure.sweeps.at_zero import zero_field
from spinstack.measure.sweeps.bands import sheet_resistances, two_band
from spinstack.measure.sweeps.branching import branches
from spinstack.measure.sweeps.critical import critical_temperature
from spinstack.measure.sweeps.hall import hall_slope
from spinstack.measure.sweeps.hall_scaling import scaling, scaling_table
from spinstack.measure.sweeps.loop import anomalous_hall_loop, hysteresis_loop
from spinstack.measure.sweeps.magnetoresistance import butterfly
from spinstack.measure.sweeps.order_parameter import weiss_magnetization
from spinstack.measure.sweeps.resistivity import residual_ratio, upturn
from spinstack.measure.sweeps.results import interval
from spinstack.measure.sweeps.splitting import splitting_temperature
from spinstack.measure.sweeps.susceptibility import curie_weiss

__all__ = [
    "anomalous_hall_loop",
    "branches",
    "butterfly",
    "critical_temperature",
    "curie_weiss",
    "hall_slope",
    "hysteresis_loop",
    "interval",
    "residual_ratio",
    "scaling",
    "scaling_table",
    "sheet_resistances",
    "splitting_temperature",
    "two_band",
    "upturn",
    "weiss_magnetization",
    "zero_field",
]
