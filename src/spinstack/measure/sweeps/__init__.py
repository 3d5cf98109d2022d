"""Field and temperature sweeps: Hall effect, hysteresis loops, magnetoresistance, critical temperatures."""

from spinstack.measure.sweeps.branches import branches
from spinstack.measure.sweeps.butterfly import butterfly
from spinstack.measure.sweeps.critical import critical_temperature
from spinstack.measure.sweeps.curie_weiss import curie_weiss
from spinstack.measure.sweeps.estimate import interval
from spinstack.measure.sweeps.hall import hall_slope
from spinstack.measure.sweeps.loop import anomalous_hall_loop, hysteresis_loop
from spinstack.measure.sweeps.order_parameter import weiss_magnetization
from spinstack.measure.sweeps.resistivity import residual_ratio, upturn
from spinstack.measure.sweeps.scaling import scaling, scaling_table
from spinstack.measure.sweeps.splitting import splitting_temperature
from spinstack.measure.sweeps.two_band import sheet_resistances, two_band
from spinstack.measure.sweeps.zero_field import zero_field

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
