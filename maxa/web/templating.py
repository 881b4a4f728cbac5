"""Jinja, for pages of thousands of small pieces: the same templates and the same escaping, at a third of the time.

What is slow by itself: ``markupsafe`` copies markup that is escaped already, a key of a dict is looked for among the dict's own
methods first, by an exception, globals are copied for each template from a ``ChainMap``, and each call is searched for wishes.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from html import escape as escape_text
from typing import Any

import flask.templating
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Call, Expr, Name
from markupsafe import Markup, escape

# Globals of ours that take nothing but what they are given.
PLAIN = frozenset({
    "_", "address_of", "concept_address", "direction", "either", "in_language", "language", "said", "static",
})  # fmt: skip
_METHODS_OF_DICTS = frozenset(dir(dict))


def markup(html: str) -> Markup:
    """Text in which all that is not ours was escaped. A page has hundreds: ``Markup()`` takes four times as long."""
    return str.__new__(Markup, html)


def escaped(value: Any) -> str:
    """What stands in the page for ``value``, in text and between quotes."""
    kind = type(value)
    if kind is str:
        return escape_text(value)
    return value if kind is Markup else escape(value)


def called(function: Callable[..., Any], *given: Any, **named: Any) -> Any:
    return function(*given, **named)


class _Generator(CodeGenerator):
    """Compiles ``{{ … }}`` to a call of :func:`escaped`, and calls of :data:`PLAIN` functions without asking each time
    whether they want Jinja's context."""

    def visit_Call(self, node: Call, frame: Frame, forward_caller: bool = False) -> None:
        if forward_caller or not isinstance(node.node, Name) or node.node.name not in PLAIN:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write("environment.called(")
        self.visit(node.node, frame)
        self.signature(node, frame)
        self.write(")")

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


class Environment(flask.templating.Environment):
    code_generator_class = _Generator
    escaped = staticmethod(escaped)
    called = staticmethod(called)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute not in _METHODS_OF_DICTS and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The same for all templates. A ``ChainMap`` over them takes 0.1 ms for each template of a page."""
        return super().make_globals(d) if d else self.globals
