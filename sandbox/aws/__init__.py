"""A simulated AWS: WorkSpaces and what Berth calls of other services. Standard library only."""
