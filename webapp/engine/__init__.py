"""The reconciler: the only user of the clouds and of the opener."""
