from .measurement import MeasurementError as MeasurementError
from .measurement import history as history
from .readers import inspect as inspect
from .readers import read as read
from .restore import replay as replay
from .restore import undo as undo
