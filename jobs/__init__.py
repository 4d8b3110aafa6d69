"""The worker door: ids in, nothing out, safe twice."""
