"""Films as text: sample files with units, read and written exactly."""
