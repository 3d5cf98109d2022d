from .barrier import Barrier as Barrier
from .data import ScatteringData as ScatteringData
from .delta_barrier import DeltaBarrier as DeltaBarrier
from .evaluate import Tensors as Tensors
