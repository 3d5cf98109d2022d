"""What people read of results: figures, CSV, tables of rows, numbers with their errors as text, an HTML page."""
