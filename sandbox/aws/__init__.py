"""A simulated AWS: WorkSpaces and the few services beside it that Berth calls. Standard library only."""
