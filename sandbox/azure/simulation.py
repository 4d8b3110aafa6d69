"""The complete simulated Azure: the world's state, with what happens over time and the demo subscription."""

from __future__ import annotations

from sandbox.azure import landscape
from sandbox.azure.lifecycles import EVENT_HANDLERS
from sandbox.azure.world import World


class Simulation(World):
    def settle(self, now: float) -> None:
        while (event := self.timeline.take(now)) is not None:
            EVENT_HANDLERS[event.handler](self, event)

    def add_demo(self) -> None:
        landscape.add_demo(self)
