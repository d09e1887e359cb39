"""A module of BSL as the published grammar reads it: its methods, what they call, name, build and read.

Not responsible for judging any of it (see `checks.py`).
"""
from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import tree_sitter
import tree_sitter_bsl

LANGUAGE = tree_sitter.Language(tree_sitter_bsl.language())


@dataclass
class Call:
    """A call: what it is called on (empty for a method of the module itself), its name and its number of arguments."""

    on: str
    name: str
    arguments: int
    texts: list[str | None]
    line: int


@dataclass
class Method:
    """A procedure or function."""

    name: str
    is_function: bool
    is_exported: bool
    # Names, and whether each may be left out.
    parameters: list[tuple[str, bool]]
    line: int
    calls: list[Call] = field(default_factory=list)
    assigned: dict[str, int] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    # Keys of JSON: literal indexes, literal keys that are put in or made, properties in Latin letters.
    keys_read: dict[str, int] = field(default_factory=dict)
    keys_built: dict[str, int] = field(default_factory=dict)
    strings: list[tuple[str, int]] = field(default_factory=list)

    def takes(self, arguments: int) -> bool:
        needed = max((at + 1 for at, (_, optional) in enumerate(self.parameters) if not optional), default=0)
        return needed <= arguments <= len(self.parameters)


class Module:
    """One module."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes = path.read_bytes()
        self.root, self.methods = parsed(self.bytes)

    @cached_property
    def errors(self) -> list[int]:
        """Lines that the grammar does not understand."""
        found: list[int] = []
        nodes = [self.root]
        while nodes:
            node = nodes.pop()
            if node.type == "ERROR" or node.is_missing:
                found.append(line_of(node))
            elif node.has_error:
                nodes += node.children
        return sorted(found)


@cache
def parsed(content: bytes) -> tuple[tree_sitter.Node, dict[str, Method]]:
    """The tree of a module and its methods. Copies of a build share most of their modules."""
    root = tree_sitter.Parser(LANGUAGE).parse(content.removeprefix(b"\xef\xbb\xbf")).root_node
    methods = map(read_method, of_types(root, ("procedure_definition", "function_definition")))
    return root, {method.name: method for method in methods}


def of_types(node, types):
    if node.type in types:
        yield node
    else:
        for child in node.children:
            yield from of_types(child, types)


def text_of(node) -> str:
    return node.text.decode()


def line_of(node) -> int:
    return node.start_point.row + 1


def read_method(node) -> Method:
    parameters = node.child_by_field_name("parameters")
    read = [
        (text_of(one.child_by_field_name("name")), one.child_by_field_name("def") is not None)
        for one in parameters.children
        if one.type == "parameter"
    ]
    method = Method(
        name=text_of(node.child_by_field_name("name")),
        is_function=node.type == "function_definition",
        is_exported=node.child_by_field_name("export") is not None,
        parameters=read,
        line=line_of(node),
    )
    for child in node.children:
        if child.type != "parameters" and child != node.child_by_field_name("name"):
            walk(child, method)
    return method


def walk(node, method: Method) -> None:
    line = line_of(node)
    match node.type:
        case "assignment_statement":
            left = node.child_by_field_name("left")
            if left.type == "identifier":
                method.assigned.setdefault(text_of(left), line)
                walk(node.child_by_field_name("right"), method)
                return
        case "for_statement" | "for_each_statement":
            variable = next(child for child in node.children if child.type == "identifier")
            method.assigned.setdefault(text_of(variable), line)
            for child in node.children:
                if child != variable:
                    walk(child, method)
            return
        case "method_call":
            read_call(node, method)
            walk(node.child_by_field_name("arguments"), method)
            return
        case "new_expression":
            arguments = node.child_by_field_name("arguments")
            if text_of(node.child_by_field_name("type")) == "Структура" and arguments is not None:
                names = literals(arguments)
                for name in (names[0] or "").split(",") if names else []:
                    method.keys_built.setdefault(name.strip(), line)
            if arguments is not None:
                walk(arguments, method)
            return
        case "index":
            key = literal(node)
            if key is not None:
                is_written = node.parent.type == "property_access" and node.parent.parent.type == "assignment_statement"
                (method.keys_built if is_written else method.keys_read).setdefault(key, line)
        case "property":
            name = text_of(node)
            if name.isascii():
                method.keys_read.setdefault(name, line)
            return
        case "string":
            method.strings.append(("\n".join(text_of(part) for part in node.children if part.type == "string_content"), line))
            return
        case "identifier":
            method.used.setdefault(text_of(node), line)
            return
    for child in node.children:
        walk(child, method)


def read_call(node, method: Method) -> None:
    arguments = node.child_by_field_name("arguments")
    commas = sum(child.type == "," for child in arguments.children)
    count = commas + 1 if commas or any(child.is_named for child in arguments.children) else 0
    parent = node.parent
    on = ""
    if parent.type in ("call_expression", "access"):
        before = parent.children[0]
        on = text_of(before) if before != node else ""
    call = Call(on, text_of(node.child_by_field_name("name")), count, literals(arguments), line_of(node))
    if call.name == "Вставить" and call.texts and call.texts[0] is not None:
        method.keys_built.setdefault(call.texts[0], call.line)
    method.calls.append(call)


def literals(arguments) -> list[str | None]:
    """The arguments that are given, each as the text it is, or `None` for what is no text."""
    return [literal(child) for child in arguments.children if child.is_named]


def literal(node) -> str | None:
    """The text that a node is, where it is nothing but one."""
    while node.named_child_count == 1 and node.type != "string":
        node = node.named_children[0]
    if node.type != "string":
        return None
    return "".join(text_of(part) for part in node.named_children)
