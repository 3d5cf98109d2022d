from .layers import Layers as Layers
from .loops import loop_shift as loop_shift
from .loops import switching_current as switching_current
from .low_field import harmonic_hall_low_field as harmonic_hall_low_field
from .resonance import st_fmr as st_fmr
from .rotation import harmonic_hall_rotation as harmonic_hall_rotation
from .thickness_series import st_fmr_series as st_fmr_series
