"""What a workspace's row comes to mean, and what it needs next: pure functions of frozen values.

The engine reads the row, the clock and the cloud; these say what follows; the engine writes it.
"""
