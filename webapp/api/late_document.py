"""The extension behind the API, which describes its views when the document is first asked for.

To describe them takes longer than all the rest of making the application, and a worker, a command or most
processes of the web never ask.
"""

import threading
from collections.abc import Callable
from typing import Any

from flask_smorest import Api, Blueprint

from webapp.api.schemas.problem import Problem


class ApiBlueprint(Blueprint):
    """A blueprint that only `BerthApi` describes."""

    def register_views_in_doc(self, *args: Any, **kwargs: Any) -> None:
        return

    def describe_views(self, *args: Any, **kwargs: Any) -> None:
        super().register_views_in_doc(*args, **kwargs)


class BerthApi(Api):
    """Documents and validates. `problems` renders the errors, on our blueprint only."""

    ERROR_SCHEMA = Problem

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lock = threading.RLock()  # describing reads `spec` itself
        self._undescribed: list[Callable[[Any], None]] = []
        super().__init__(*args, **kwargs)

    @property
    def spec(self) -> Any:  # flask-smorest has no types
        """The whole description."""
        with self._lock:
            while self._undescribed:
                self._undescribed.pop(0)(self._spec)
        return self._spec

    @spec.setter
    def spec(self, made: Any) -> None:
        self._spec = made

    def describe_later(self, describe: Callable[[Any], None]) -> None:
        self._undescribed.append(describe)

    def register_blueprint(self, blp: ApiBlueprint, *, parameters: Any = None, **options: Any) -> None:
        super().register_blueprint(blp, parameters=parameters, **options)
        name = options.get("name", blp.name)
        self.describe_later(
            lambda spec: blp.describe_views(self, self._app, spec, name=name, parameters=parameters)
        )

    def _register_error_handlers(self) -> None:
        # flask-smorest would answer the whole app's errors in JSON, pages included.
        return
