"""What happens to a workspace's row, and what it needs next: pure functions of frozen values.

The engine reads the row, the clock and the cloud; these functions decide; the engine writes the result.
"""
