"""The engine under a simulated scheduler: one seed, one schedule of crashes, pauses and lost answers."""
