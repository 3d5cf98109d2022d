from .explain import explain_control as explain_control
from .layer import sample_layer as sample_layer
from .layer import write_layer as write_layer
