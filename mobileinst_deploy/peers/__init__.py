"""What the peers need behind their graphs, in NumPy: boxes, suppression of duplicates, masks."""
