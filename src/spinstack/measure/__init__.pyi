from .measurement import MeasurementError as MeasurementError
from .measurement import history as history
from .measurement import replay as replay
from .measurement import undo as undo
from .readers import inspect as inspect
from .readers import read as read
