"""Every order of every Parsons problem of the course that computes the same is right, and no other.

Whether two programs compute the same is asked of an interpreter that runs them on symbols: each name, operation and
call becomes the text of how it was made, so that programs agree if all their names end with the same texts.
"""

import ast
import itertools
import random
from pathlib import Path

import pytest

from kit.teaching import dataflow, sections, texts
from kit.teaching.parsons import Parsons

QUESTIONS = sorted((Path(__file__).resolve().parents[1] / "lessons/questions").glob("*.md"))


def problems() -> dict[str, tuple[tuple[str, ...], dict[str, str]]]:
    """Solution and distractors of every problem in the lessons, by key."""
    out = {}
    for path in QUESTIONS:
        for kind, key in sections.sections(path):
            if kind == "Parsons":
                found = texts.parsons(key, {})
                out[key] = tuple(found["solution"]), found["distractors"]
    return out


PROBLEMS = problems()


# ---- an interpreter on symbols


class Symbol:
    """A value known by how it was made; items may be set, and calls may change it."""

    def __init__(self, made):
        self.made = made

    def __call__(self, *values, **named):
        return Symbol(f"{self.made}({[text(v) for v in values]}, {sorted((k, text(v)) for k, v in named.items())})")

    def __getattr__(self, name):
        return Symbol(f"{self.made}.{name}")

    def __getitem__(self, key):
        return Symbol(f"{self.made}[{text(key)}]")

    def __setitem__(self, key, value):
        self.made = f"{self.made} with {text(key)}: {text(value)}"

    def __iter__(self):
        return iter([Symbol(f"first of {self.made}"), Symbol(f"second of {self.made}")])

    def keys(self):  # as in f(**values)
        return ["all"]

    def __neg__(self):
        return Symbol(f"-{self.made}")

    def __invert__(self):
        return Symbol(f"~{self.made}")


def text(value) -> str:
    if isinstance(value, tuple | list):
        return f"({', '.join(map(text, value))})"
    if isinstance(value, slice):
        return f"{text(value.start)}:{text(value.stop)}"
    return value.made if isinstance(value, Symbol) else repr(value)


def _operator(name):
    return lambda self, other: Symbol(f"({self.made} {name} {text(other)})")


for _name in ("add", "sub", "mul", "truediv", "matmul", "pow", "mod", "gt", "lt", "eq", "and",
              "radd", "rsub", "rmul", "rtruediv", "rpow"):  # fmt: skip
    setattr(Symbol, f"__{_name}__", _operator(_name))
Symbol.__hash__ = object.__hash__


class Names(dict):
    """Names of a program; what it never sets is given from outside, once."""

    def __init__(self, given):
        super().__init__()
        self.given = given

    def __missing__(self, name):
        if name not in self.given:
            raise NameError(name)
        self[name] = Symbol(name)
        return self[name]


class Doing(ast.NodeTransformer):
    """Calls that are made for what they do are noted, and change their object and what they are given; results are
    taken apart into as many as have a name.
    """

    def visit_Assign(self, node):
        if isinstance(node.value, ast.List):
            node.value = ast.Call(ast.Name("_list", ast.Load()), [node.value], [])
        if isinstance(node.targets[0], ast.Tuple) and not isinstance(node.value, ast.Tuple):
            parts = ast.Constant(len(node.targets[0].elts))
            node.value = ast.Call(ast.Name("_parts", ast.Load()), [node.value, parts], [])
        return node

    def visit_Expr(self, node):
        if not isinstance(node.value, ast.Call):
            return node
        call = node.value
        changed = [call.func.value] if isinstance(call.func, ast.Attribute) else []
        changed += [value for value in call.args if isinstance(value, ast.Name)]
        names = ast.Tuple([ast.Name(n.id, ast.Load()) for n in changed if isinstance(n, ast.Name)], ast.Load())
        return ast.Expr(ast.Call(ast.Name("_do", ast.Load()), [call, names], []))


def outcome(lines, given) -> dict[str, str]:
    """What all names hold at the end, and what was done on the way."""
    tree = ast.fix_missing_locations(Doing().visit(ast.parse("\n".join(lines))))
    done, asked = [], {}

    def do(result, changed):
        done.append(text(result))
        for symbol in changed:
            symbol.made = f"{symbol.made} after {text(result)}"

    def once(self):  # a condition is true the first time, so that loops end
        asked[self.made] = asked.get(self.made, 0) + 1
        return asked[self.made] == 1 and len(asked) < 3

    Symbol.__bool__ = once
    names = Names(given)
    own = {"_do": do, "_list": lambda v: Symbol(text(v)),
           "_parts": lambda v, n: [Symbol(f"part {k} of {text(v)}") for k in range(n)],
           "range": lambda *a: Symbol(f"range{text(a)}"), "zip": lambda *a: zip(*a, strict=True),
           **{name: lambda v, name=name: Symbol(f"{name}({text(v)})") for name in ("int", "abs", "len")},
           "__builtins__": {"__import__": _imported}}  # fmt: skip
    names.update(own)
    exec(compile(tree, "program", "exec"), names)
    return {name: text(value) for name, value in names.items() if name not in own} | {"done": str(done)}


class _Module:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Symbol(name)


def _imported(*_):
    return _Module()


def given_to(solution) -> set[str]:
    """Names that a right program uses before it sets them."""
    out, there = set(), set()
    for line in solution:
        here = dataflow.flow(line)
        out |= here.reads - there
        there |= here.sets
    return out


def same(program, solution) -> bool:
    given = given_to(solution)
    try:
        found = outcome(program, given)
    except (NameError, SyntaxError):
        return False
    wanted = outcome(solution, given)
    return {n: v for n, v in found.items() if n in wanted} == wanted


def accepted(program, solution) -> bool:
    return all(not dataflow.obstacle(program, place, solution) for place in range(len(program)))


def orders(solution, most):
    """All accepted orders, found line by line; at most so many."""
    waiting = [()]
    while waiting and most:
        begun = waiting.pop()
        if len(begun) == len(solution):
            most -= 1
            yield begun
        for line in solution:
            if line not in begun and not dataflow.obstacle((*begun, line), len(begun), solution):
                waiting.append((*begun, line))


@pytest.mark.parametrize("key", PROBLEMS)
def test_every_accepted_order_computes_the_same(key):
    solution, _ = PROBLEMS[key]
    found = list(orders(solution, most=400))
    assert tuple(solution) in found
    for program in found:
        assert same(program, solution), "\n".join(program)


@pytest.mark.parametrize("key", PROBLEMS)
def test_every_refused_order_computes_something_else(key):
    solution, _ = PROBLEMS[key]
    several = list(itertools.permutations(solution)) if len(solution) <= 5 else []
    dice = random.Random(key)
    several += [tuple(dice.sample(solution, len(solution))) for _ in range(0 if several else 400)]
    several += list(neighbours(solution))
    for program in several:
        assert accepted(program, solution) == same(program, solution), "\n".join(program)


def neighbours(solution):
    """The solution with any two lines exchanged."""
    for one, other in itertools.combinations(range(len(solution)), 2):
        program = list(solution)
        program[one], program[other] = program[other], program[one]
        yield tuple(program)


def test_most_problems_have_several_right_orders():
    several = [key for key, (solution, _) in PROBLEMS.items() if len(list(orders(solution, most=2))) > 1]
    assert len(PROBLEMS) == len(QUESTIONS) and len(several) >= 9


# ---- what is said about a line that cannot stay


SOLUTION = ("total = 0", "for x in numbers:", "    square = x**2", "    total = total + square", "print(total)")


def said(*program):
    lines = (*SOLUTION, "total = square")
    state = Parsons("k", "Add squares.", SOLUTION, {"total = square": "forgets the others."}, lines,
                    tuple(lines.index(line) for line in program))  # fmt: skip
    return state.act({"action": "check"}).status()


def test_a_reason_names_what_is_missing():
    assert "needs `total` as `total = 0` makes it; that line has to come first" in said("print(total)")
    assert "Line 1, `square = x**2`" in said("    square = x**2")
    assert "It is indented: it belongs inside `for x in numbers:`, which has to come first" in said("    square = x**2")
    assert "Line 2, `total = 0`" in (empty := said(SOLUTION[1], SOLUTION[0], SOLUTION[2]))
    assert "Nothing is inside `for x in numbers:` yet" in empty
    assert "no line that ends in a colon stands over it" in said(*(SOLUTION[k] for k in (1, 2, 0, 3)))
    assert "needs `square` as `square = x**2` makes it" in said(SOLUTION[0], SOLUTION[1], SOLUTION[3])
    assert "Forgets the others" in said("total = square")
    assert said(*SOLUTION) == "✓ Right: this is the program."


def test_what_is_still_needed_must_not_be_changed_before():
    kept = ("before = slope(w)", "w = w - step")
    assert "changes `w`, which `before = slope(w)` still needs as it was" in dataflow.obstacle(kept[::-1], 0, kept)
    twice = ("a = 1", "a = 2")
    assert "`a = 1` would write over its `a` afterwards" in dataflow.obstacle(twice[::-1], 0, twice)
    done = ("optimizer.zero_grad()", "model.save(path)")
    assert "What `optimizer.zero_grad()` does has to be done first" in dataflow.obstacle(done[::-1], 0, done)


def test_names_of_a_comprehension_are_its_own():
    assert dataflow.flow("largest = [top(s) for s in shuffled]").reads == {"top", "shuffled"}


def test_what_is_no_python_is_refused():
    with pytest.raises(ValueError, match="'median over parts' is no line of Python"):
        dataflow.flow("median over parts")
