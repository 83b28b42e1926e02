"""What the lines of a program need of each other: which of them may change places?

Read from the lines themselves: a line that uses a name comes after the line that sets it, a line that sets a name anew
comes after those that still need the old one, and calls that are made for what they do (`loss.backward()`) keep their
order. Whatever order respects this computes the same. (Bernstein, 1966, IEEE Transactions on Electronic Computers
EC-15:757: when two statements may be exchanged.)
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Flow:
    """Names that a line reads and sets; `does` is true of calls whose result is thrown away."""

    reads: frozenset[str]
    sets: frozenset[str]
    does: bool


@cache  # every check of a program asks for the same few lines many times
def flow(line: str) -> Flow:
    """What a line of Python reads and sets. Raises ValueError if it is none."""
    code = line.strip()
    try:
        statement = ast.parse(f"{code} pass" if code.endswith(":") else code).body[0]
    except (SyntaxError, IndexError) as error:
        raise ValueError(f"{code!r} is no line of Python, so that what it needs cannot be read from it") from error
    reads, sets, own = set(), set(), set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            (reads if isinstance(node.ctx, ast.Load) else sets).add(node.id)
        if isinstance(node, ast.AugAssign):
            reads.add(_root(node.target))
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            sets.add(_root(node))
        if isinstance(node, ast.alias):
            sets.add((node.asname or node.name).split(".")[0])
        if isinstance(node, ast.comprehension):
            own |= {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}
    does = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    if does:
        sets |= _changed(statement.value)
    return Flow(frozenset(reads - own), frozenset(sets - own - {""}), does)


def _changed(call: ast.Call) -> set[str]:
    """What a call may change: the object whose method it is, and what it is given."""
    method = {_root(call.func)} if isinstance(call.func, ast.Attribute) else set()
    return method | {_root(value) for value in call.args}


def _root(node: ast.AST) -> str:
    """The name that a dotted or indexed expression begins with; "" if it begins with something else."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def indented(line: str) -> int:
    """Spaces before a line."""
    return len(line) - len(line.lstrip(" "))


def opened_by(lines: Sequence[str], place: int) -> str | None:
    """The line that a line is inside of, "" for none; None if it is indented and nothing before it opens a block."""
    for before in reversed(lines[:place]):
        if indented(before) < indented(lines[place]):
            return before if before.rstrip().endswith(":") else None
    return None if indented(lines[place]) else ""


def obstacle(program: Sequence[str], place: int, solution: Sequence[str]) -> str:
    """Why a line of the solution cannot stand at its place in a program; "" if it can.

    Only the lines before it count: a program is judged from the top.

    Parameters
    ----------
    program : lines in the order in which somebody put them
    place : of the line, which is one of the solution's
    solution : lines in an order that is right
    """
    line, before = program[place], set(program[:place])
    above = program[place - 1] if place else ""
    if above.rstrip().endswith(":") and indented(line) <= indented(above):
        return f"Nothing is inside `{above.strip()}` yet; what belongs there has to come first."
    own = solution.index(line)
    inside, wanted = opened_by(program, place), opened_by(solution, own)
    if inside != wanted:
        return _outside(line, inside, wanted, before)
    here = flow(line)
    for other in solution[:own]:
        if other not in before and (reason := _first(other, flow(other), here)):
            return reason
    return ""


def _outside(line: str, inside: str | None, wanted: str | None, before: set[str]) -> str:
    where = f"it belongs inside `{(wanted or '').strip()}`"
    if wanted not in before:
        return f"It is indented: {where}, which has to come first."
    if inside is None:
        return f"It is indented, and no line that ends in a colon stands over it: {where}."
    return f"Here it would be inside `{inside.strip()}`; {where}."


def _first(other: str, there: Flow, here: Flow) -> str:
    """Why another line has to come before this one; "" if it need not."""
    other = other.strip()
    if needed := sorted(there.sets & here.reads):
        return f"It needs `{needed[0]}` as `{other}` makes it; that line has to come first."
    if changed := sorted(there.reads & here.sets):
        return f"It changes `{changed[0]}`, which `{other}` still needs as it was."
    if twice := sorted(there.sets & here.sets):
        return f"`{other}` would write over its `{twice[0]}` afterwards."
    return f"What `{other}` does has to be done first." if there.does and here.does else ""
