"""The simulated AWS behind the interface that the server expects."""

from __future__ import annotations

from typing import Any

from sandbox.aws import admin, dispatch
from sandbox.aws.world import World
from sandbox.wire import HttpRequest, Plan, Reply


class AwsCloud:
    def __init__(self, world: World, *, demo: bool) -> None:
        self.world = world
        self._demo = demo

    def receive(self, request: HttpRequest) -> Plan:
        return dispatch.receive(self.world, request)

    def perform(self, plan: Plan) -> Reply:
        assert isinstance(plan, dispatch.AwsPlan)
        return dispatch.perform(self.world, plan)

    def control(self, *, method: str, target: str, body: Any) -> Any:
        return admin.handle(self.world, method=method, target=target, body=body, demo=self._demo)

    def name_of(self, plan: Plan) -> str:
        assert isinstance(plan, dispatch.AwsPlan)
        return f"{plan.protocol.service} {plan.operation or '-'}"
