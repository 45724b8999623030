"""Reduce code that uses both frameworks to what runs with one of them.

What only the other framework can compute is lost: its imports, its half of the package, the names that its
cells define, and whatever is computed from those. A lost element leaves its list, tuple or dict (and its
partner in a `zip` or a loop's target), a lost argument leaves `max` and `min`, a lost statement leaves the
code; `if ae.NAME == "PyTorch"` is decided. All else stays as it is written, comments included.
"""
import ast
import builtins
import re

from code_names import COMPREHENSIONS, DRAWS, all_arguments, changed, drew, idle, names_in, stores
from code_text import Text

LABELS = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
MODULES = {"torch": {"torch"}, "tensorflow": {"tensorflow", "keras"}}
OTHER = {"torch": "tensorflow", "tensorflow": "torch"}
DISPLAYS = (ast.List, ast.Tuple, ast.Set)
ARRAY_OF = {"array", "stack"}                   # np.array([a, b]) has as many entries as the list
# Sentences of claims that hold for one framework by itself without saying anything.
COMPARES = re.compile(r"\b[Tt]he frameworks\b(?!'| compute)|other framework|Keras and PyTorch end"
                      r"|PyTorch and TensorFlow (differ|get)|frameworks (walk|take|find|give) the same")


class Lost(Exception):
    """An expression or a statement that one framework cannot compute."""


class Reducer(Text):
    """Reduces the cells of one notebook, in their order, to one framework."""

    def __init__(self, framework):
        self.label, self.other_label = LABELS[framework], LABELS[OTHER[framework]]
        self.other = OTHER[framework]
        self.lost = set()                       # names that need the other framework
        self.known = set(dir(builtins))
        self.pairs = set()                      # names of dicts whose values were pairs, one for each framework
        self.shrunk = {}                        # name -> how many entries a reduced list has kept
        self.edits = []
        self.exact = False

    def drop(self, source, wanted):
        """The cell of the other framework is left out, but for lines without a framework that define a wanted name.

        Returns those lines; what else the cell defines is lost.
        """
        kept = []
        self.read(source)
        self.changes, self.here, self.doomed = {True: set(), False: set()}, set(), set()
        for statement in ast.parse(source).body:
            new = stores(statement)
            simple = isinstance(statement, (ast.Assign, ast.Import, ast.ImportFrom, ast.FunctionDef))
            if simple and new & wanted - self.known and self.attempt(self.statement, statement, frozenset()) \
                    and not self.edits:
                kept.append(source[slice(*self.span(statement))])
                self.known |= new
                self.lost -= new
            else:
                self.lost |= new - self.known
            self.edits = []
        return "\n".join(kept)

    def reduce(self, source):
        """The source of a cell as it runs with one framework; "" if nothing is left of it."""
        self.read(source)
        self.doomed = set()
        state = set(self.lost), set(self.known), dict(self.shrunk)
        while True:
            self.lost, self.known, self.shrunk = set(state[0]), set(state[1]), dict(state[2])
            self.edits, self.changes, self.here = [], {True: set(), False: set()}, set()
            body = ast.parse(source).body
            if not self.attempt(self.block, body, frozenset()):
                return ""
            starved = self.changes[False] - self.changes[True] - self.doomed
            if not starved:
                break
            self.doomed |= starved              # a list that is never filled is no list: begin again
        text = self.edited()
        if not self.edits:
            return text
        try:
            left = ast.parse(text).body
        except SyntaxError as error:
            raise ValueError(f"cannot reduce to {self.label}:\n{source}\n---\n{text}") from error
        calls = {getattr(n.func, "attr", "") for part in left for n in ast.walk(part) if isinstance(n, ast.Call)}
        if all(map(idle, left)) or "subplots" in calls and not calls & DRAWS and drew(body):
            for statement in left:
                self.lost |= stores(statement) - state[1]
            return ""
        return text

    # Expressions: edits for what can be taken out, Lost for what cannot

    def attempt(self, action, *args):
        """Whether the action went well; if not, without its edits."""
        before = list(self.edits)
        try:
            action(*args)
        except Lost:
            self.edits = before
            return False
        return True

    def expression(self, node, own):
        """Reduce an expression; `own` are the names that the scopes around it bind."""
        if node is None:
            return
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) and node.id in self.lost and node.id not in own:
                raise Lost
        elif isinstance(node, ast.Attribute):
            if node.attr == self.other and isinstance(node.value, ast.Name) and node.value.id == "aebook":
                raise Lost
            self.expression(node.value, own)
        elif isinstance(node, DISPLAYS) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            self.display(node, own, row=isinstance(node, ast.Tuple))
        elif isinstance(node, ast.Dict):
            self.dictionary(node, own)
        elif isinstance(node, ast.Call):
            self.call(node, own)
        elif isinstance(node, ast.BoolOp):
            self.operands(node, own)
        elif isinstance(node, ast.IfExp):
            self.choose(node, own)
        elif isinstance(node, ast.Subscript):
            self.subscript(node, own)
        elif isinstance(node, COMPREHENSIONS):
            own = own | set().union(*(names_in(g.target) for g in node.generators))
            lost = set(self.lost)
            for generator in node.generators:
                gone = self.header(generator.target, generator.iter, own)
                own, self.lost = own - gone, self.lost | gone
                for test in generator.ifs:
                    self.expression(test, own)
            for part in ("elt", "key", "value"):
                self.expression(getattr(node, part, None), own)
            self.lost = lost
        elif isinstance(node, ast.Lambda):
            for default in [*node.args.defaults, *node.args.kw_defaults]:
                self.expression(default, own)
            self.expression(node.body, own | {a.arg for a in all_arguments(node.args)})
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, (ast.expr, ast.keyword, ast.FormattedValue)):
                    self.expression(child.value if isinstance(child, ast.keyword) else child, own)

    def lost_elements(self, elements, own, nested=False):
        """Which elements are lost; the others are reduced, tuples among them only if `nested`."""
        labels = {e.value for e in elements if isinstance(e, ast.Constant) and isinstance(e.value, str)}
        gone = []
        for i, element in enumerate(elements):
            if isinstance(element, ast.Constant) and element.value == self.other_label:
                if self.label not in labels:
                    raise Lost                  # ("TensorFlow", seed) is a key, not a choice
                gone.append(i)
            elif not (self.attempt(self.display, element, own) if nested and isinstance(element, ast.Tuple)
                      else self.attempt(self.expression, element, own)):
                gone.append(i)
        return gone

    def display(self, node, own, also=(), row=False, nested=False):
        """Reduce a list or a tuple; the indices in `also` go anyway. Returns which went.

        A tuple that is a `row` of values with places of their own is kept whole or lost.
        """
        before = list(self.edits)
        gone = sorted({*self.lost_elements(node.elts, own, nested), *also})
        if not gone:
            return gone
        if len(gone) * 2 > len(node.elts) or row or any(
                isinstance(node.elts[i], ast.Starred) or getattr(node.elts[i], "attr", "") == "NAME" for i in gone):
            raise Lost                          # not alternatives: a key, or numbers that are counted off
        # a half-lost element may have left edits inside what is now taken out
        spans = [self.span(e) for e in node.elts]
        self.edits = before + [e for e in self.edits if e not in before
                               and not any(spans[i][0] <= e[0] < spans[i][1] for i in gone)]
        start, stop = self.span(node)
        bracket = self.source[start] in "[({" and start < spans[0][0]
        self.remove(spans, gone, stop - 1 if bracket else stop)
        if isinstance(node, ast.Tuple) and len(node.elts) - len(gone) == 1 and not (
                gone[-1] < len(node.elts) - 1 and self.comma(spans[-1][1])):
            place = max(e for s, e in spans if s == max(s for i, (s, _) in enumerate(spans) if i not in gone))
            self.edits.append((place, place, ","))
        return gone

    def dictionary(self, node, own):
        gone = []
        for i, (key, value) in enumerate(zip(node.keys, node.values)):
            if isinstance(key, ast.Constant) and key.value == self.other_label or not (
                    self.attempt(self.expression, key, own) and self.attempt(self.expression, value, own)):
                gone.append(i)
        if len(gone) * 2 > len(node.values):
            raise Lost
        if gone:
            spans = [(self.span(k or v)[0], self.span(v)[1]) for k, v in zip(node.keys, node.values)]
            self.edits = [e for e in self.edits if not any(spans[i][0] <= e[0] < spans[i][1] for i in gone)]
            self.remove(spans, gone, self.span(node)[1] - 1)

    def call(self, node, own):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "isinstance" and self.decide(node) is False:
            self.edits.append((*self.span(node), "False"))
            return
        if ast.unparse(node.func) == "plots.LINES.items":      # a line for each framework
            self.edits.append((*self.span(node), f'[("{self.label}", plots.LINES["{self.label}"])]'))
            return
        self.expression(node.func, own)
        if name == "zip":
            if self.zip(node, own):
                raise Lost                      # a whole argument: the loop's target has to know
            return
        if name == "claim" and COMPARES.search(ast.unparse(node.args[0])):
            raise Lost
        if name == "claim":                     # a sentence about both is not judged by one alone
            exact, self.exact = self.exact, True
        try:
            gone = []
            for i, arg in enumerate(node.args):
                before = len(self.edits)
                if not self.attempt(self.expression, arg, own) or (
                        isinstance(arg, ast.Starred) and name not in ("max", "min")
                        and (len(self.edits) > before or self.entries(arg.value) == 1)):
                    gone.append(i)              # f(*both) has one argument now
        finally:
            if name == "claim":
                self.exact = exact
        if gone and (self.exact or name not in ("max", "min") or len(gone) == len(node.args)):
            raise Lost
        if gone:
            spans = [self.span(a) for a in node.args]
            self.edits = [e for e in self.edits if not any(spans[i][0] <= e[0] < spans[i][1] for i in gone)]
            self.remove(spans, gone, self.span(node)[1] - 1)
            kept = [spans[i] for i in range(len(spans)) if i not in gone]
            if len(kept) == 1 and not isinstance(node.args[0], ast.Starred):
                self.edits += [(kept[0][0], kept[0][0], "["), (kept[0][1], kept[0][1], "]")]
        for keyword in node.keywords:
            self.expression(keyword.value, own)

    def zip(self, node, own):
        """Reduce the arguments of a zip alike. Returns the indices of those that are lost as a whole."""
        displays = [a for a in node.args if isinstance(a, DISPLAYS)]
        gone = {}
        for arg in displays:
            before = list(self.edits)
            try:
                went = self.lost_elements(arg.elts, own)
            except Lost:
                went = []
            self.edits = before
            if 0 < len(went) < len(arg.elts):
                gone.setdefault(len(arg.elts), set()).update(went)
        whole = []
        for i, arg in enumerate(node.args):
            if isinstance(arg, DISPLAYS):
                ok = self.attempt(self.display, arg, own, gone.get(len(arg.elts), ()))
            else:
                ok = self.attempt(self.expression, arg, own)
            if not ok:
                whole.append(i)
        if len(whole) == len(node.args):
            raise Lost
        return whole

    def operands(self, node, own):
        gone = [i for i, value in enumerate(node.values) if not self.attempt(self.expression, value, own)]
        if gone and len(gone) == len(node.values):
            raise Lost
        spans = [self.span(v) for v in node.values]
        for i in gone:
            start, stop = (spans[i][0], spans[i + 1][0]) if i == 0 else (spans[i - 1][1], spans[i][1])
            self.edits.append((start, stop, ""))

    def decide(self, test):
        """True or False for a question which framework this is, else None."""
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], (ast.Eq, ast.NotEq)):
            answer = getattr(test.comparators[0], "value", None)
            if answer in (self.label, self.other_label):
                return (answer == self.label) == isinstance(test.ops[0], ast.Eq)
        if isinstance(test, ast.Call) and getattr(test.func, "id", "") == "isinstance":
            root = test.args[1]
            while isinstance(root, ast.Attribute):
                root = root.value
            if getattr(root, "id", None) in MODULES[self.other]:
                return False
            if getattr(root, "id", None) in MODULES[OTHER[self.other]]:
                return True
        return None

    def choose(self, node, own):
        """Keep `a if ... else b` as it is where all of it can be computed, or else put one branch in its place."""
        before = list(self.edits)
        fine = [self.attempt(self.expression, part, own) for part in (node.test, node.body, node.orelse)]
        decided = self.decide(node.test)
        if decided is False and isinstance(node.orelse, ast.Constant) and node.orelse.value is None:
            decided = True                      # a label for one of two curves is now for the only one
        elif all(fine):
            return
        self.edits = before
        if decided is None and fine[1] == fine[2]:
            raise Lost
        branch = node.body if (fine[1] if decided is None else decided) else node.orelse
        self.expression(branch, own)
        (start, stop), (first, last) = self.span(node), self.span(branch)
        self.edits += [(start, first, ""), (last, stop, "")]

    def subscript(self, node, own):
        keys = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for key in keys:
            if isinstance(key, ast.Constant) and key.value == self.other_label:
                raise Lost
        length = 1 if ast.unparse(node.value) == "aebook.twins()" else self.shrunk.get(getattr(node.value, "id", None))
        first = keys[0].value if isinstance(keys[0], ast.Constant) else None
        if length is not None and isinstance(first, int) and first >= length:
            raise Lost
        if length == 1 and self.exact and ast.unparse(keys[0]) == "-1":
            raise Lost                          # first and last are one: nothing to compare
        self.expression(node.value, own)
        for key in keys:
            self.expression(key, own)

    # Statements

    def header(self, target, iterable, own):
        """Reduce what a loop runs over, and its target with it. Returns the names that the target lost."""
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        if isinstance(iterable, ast.Call) and getattr(iterable.func, "id", "") == "zip" and len(names) == len(
                iterable.args) > 1:
            gone = self.zip(iterable, own)
            if not gone:
                return set()
            spans = [self.span(a) for a in iterable.args]
            self.remove(spans, gone, self.span(iterable)[1] - 1)
        elif isinstance(iterable, DISPLAYS) and len(names) > 1 and iterable.elts and all(
                isinstance(e, ast.Tuple) and len(e.elts) == len(names) for e in iterable.elts):
            before, lost = list(self.edits), []
            for row in iterable.elts:
                try:
                    lost.append(self.lost_elements(row.elts, own, nested=True))
                except Lost:
                    lost.append(list(range(len(names))))
            self.edits = before
            rows = [g for g in lost if len(g) < len(names)]
            gone = rows[0] if rows and len(rows) == len(lost) and all(g == rows[0] for g in rows) else None
            if gone is None or len(gone) * 2 > len(names):
                # not alike, or little is left: leave out whole rows
                whole = [i for i, g in enumerate(lost) if g]
                if len(whole) == len(lost):
                    raise Lost
                self.display(iterable, own, whole)
                return set()
            for row in iterable.elts:
                self.display(row, own, nested=True)
            if not gone:
                return set()
        elif isinstance(iterable, DISPLAYS):
            self.display(iterable, own)
            return set()
        else:
            self.expression(iterable, own)
            return set()
        spans = [self.span(n) for n in names]
        start, stop = self.span(target)
        self.remove(spans, gone, stop - 1 if self.source[start] == "(" else stop)
        if len(names) - len(gone) == 1:
            kept = next(spans[i] for i in range(len(names)) if i not in gone)
            self.edits.append((kept[1], kept[1], ","))
        return set().union(*(names_in(names[i]) for i in gone))

    def block(self, body, own):
        """Reduce statements; raises Lost if none of them is left."""
        left = 0
        for statement in body:
            if self.attempt(self.statement, statement, own):
                left += 1
                self.changes[True] |= changed(statement)
                new = stores(statement) - self.dropped(statement)
                self.lost -= new - own
                self.known |= new
                self.here |= new
            else:
                self.erase(statement)
                self.changes[False] |= changed(statement)
                self.lost |= changed(statement) - self.here - own       # it came from an earlier cell, and is now half
                if not isinstance(statement, ast.AugAssign):
                    self.lost |= (stores(statement) - own)
        if not left and body:
            raise Lost

    def dropped(self, statement):
        """Names that a statement assigns in the part of it that is lost."""
        return getattr(statement, "lost_names", set())

    def statement(self, node, own):
        if isinstance(node, ast.Import):
            if any(alias.name.split(".")[0] in MODULES[self.other] for alias in node.names):
                raise Lost
        elif isinstance(node, ast.ImportFrom):
            root = node.module.split(".")[0]
            if root in MODULES[self.other] or root == "aebook" and self.other in {
                    *node.module.split("."), *(alias.name for alias in node.names)}:
                raise Lost
        elif isinstance(node, ast.FunctionDef):
            self.function(node, own)
        elif isinstance(node, ast.ClassDef):
            for part in [*node.bases, *node.decorator_list]:
                self.expression(part, own)
            self.whole(node.body, own)
        elif isinstance(node, ast.Assign):
            self.assign(node, own)
        elif isinstance(node, ast.If):
            self.branches(node, own)
        elif isinstance(node, ast.AugAssign):
            if stores(node) & (self.lost - own):
                raise Lost
            self.expression(node.target, own)
            self.expression(node.value, own)
        elif isinstance(node, (ast.For, ast.While)):
            if isinstance(node, ast.For):
                gone = self.header(node.target, node.iter, own)
                self.lost = self.lost - names_in(node.target) | gone
                self.known |= names_in(node.target) - gone
                own = own - gone
            else:
                self.expression(node.test, own)
            inner_lost, before = set(self.lost), len(self.edits)
            self.block(node.body, own)
            if len(self.edits) > before and all(self.fruitless(s) for s in node.body):
                raise Lost
            node.lost_names = self.lost - inner_lost | (gone if isinstance(node, ast.For) else set())
        elif isinstance(node, ast.With) and self.other == "torch" and [
                ast.unparse(item.context_expr) for item in node.items] == ["torch.no_grad()"]:
            self.whole(node.body, own)
            self.unwrap(node, node.body)        # TensorFlow has no such thing
        elif isinstance(node, ast.With):
            for item in node.items:
                self.expression(item.context_expr, own)
            self.lost -= stores(node) - own
            self.whole(node.body, own)
        elif isinstance(node, ast.Try):
            self.whole([*node.body, *node.orelse, *node.finalbody], own)
            for handler in node.handlers:
                self.expression(handler.type, own)
                self.whole(handler.body, own | {handler.name})
        else:
            self.expression_statement(node, own)

    def fruitless(self, statement):
        """Whether a statement of a loop's body is lost, or keeps nothing beyond its turn."""
        erased = (self.begin[statement.lineno - 1], min(self.begin[statement.end_lineno], len(self.source)), "")
        return erased in self.edits or isinstance(statement, ast.Assign) and not changed(statement)

    def expression_statement(self, node, own):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expression(child, own)

    def whole(self, body, own):
        """Reduce statements of which none may be lost: half a function is none."""
        for statement in body:
            self.statement(statement, own)
            self.lost -= (stores(statement) - own)

    def function(self, node, own):
        for part in [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]:
            self.expression(part, own)
        local = {a.arg for a in all_arguments(node.args)}.union(*map(stores, node.body))
        lost, shrunk = set(self.lost), dict(self.shrunk)
        for name in local:
            self.shrunk.pop(name, None)
        try:
            self.whole(node.body, own | local)
        finally:
            self.lost, self.shrunk = lost, shrunk

    def branches(self, node, own):
        decided = self.decide(node.test)
        if decided is None:
            self.expression(node.test, own)
            self.whole(node.body, own)
            self.whole(node.orelse, own)
            return
        branch = node.body if decided else node.orelse
        if not branch:
            raise Lost
        if len(branch) == 1 and isinstance(branch[0], ast.If) and not decided:
            raise Lost                          # elif: nowhere needed
        self.whole(branch, own)
        self.unwrap(node, branch)

    def assign(self, node, own):
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            gone = self.lost_elements(value.elts, own)
            if len(gone) == len(value.elts):
                raise Lost
            if gone:
                for part in (target, value):
                    start, stop = self.span(part)
                    self.remove([self.span(e) for e in part.elts], gone,
                                stop - 1 if self.source[start] == "(" and start < self.span(part.elts[0])[0] else stop)
                node.lost_names = set().union(*(names_in(target.elts[i]) for i in gone))
                self.lost |= node.lost_names
            return
        if stores(node) & self.doomed:
            raise Lost
        length = self.shrunk.get(getattr(value, "id", None))
        if isinstance(target, ast.Tuple) and length is not None and len(target.elts) != length:
            raise Lost
        for each in node.targets:
            self.expression(each, own)
        inner, name = value, getattr(target, "id", None)
        if isinstance(inner, ast.Call) and getattr(inner.func, "attr", "") in ARRAY_OF and len(inner.args) >= 1:
            inner = inner.args[0]
        before = len(self.edits)
        kept = self.entries(value)
        if isinstance(inner, DISPLAYS):
            if isinstance(target, ast.Tuple) and self.lost_elements(inner.elts, own):
                raise Lost
            if inner is not value:
                self.expression(value.func, own)
                for keyword in value.keywords:
                    self.expression(keyword.value, own)
            if gone := self.display(inner, own):
                kept = len(inner.elts) - len(gone)
        else:
            self.expression(value, own)
            if isinstance(value, ast.Call) and len(value.args) > 1 and len(self.edits) > before and all(
                    name and getattr(arg, "id", "") == name or not self.attempt(self.expression, arg, own)
                    for arg in value.args):
                raise Lost                      # x = max(x, ...) has no news
            if isinstance(target, ast.Tuple) and isinstance(value, COMPREHENSIONS):
                run = value.generators[0].iter
                if len(self.edits) > before or ast.unparse(run) == "aebook.twins()" or self.entries(run) == 1:
                    raise Lost                  # (f(x) for x in (a, b)) has one entry now
            if isinstance(value, ast.DictComp) and len(self.edits) > before and name:
                self.pairs = self.pairs | {name}        # each of its values was a pair
            if isinstance(inner, ast.ListComp):
                run = inner.generators[0].iter
                if len(self.edits) > before and isinstance(run, DISPLAYS) or ast.unparse(run) == "aebook.twins()":
                    kept = 1
        if name:
            self.shrunk.pop(name, None)
            if kept is not None:
                self.shrunk[name] = kept

    def entries(self, value):
        """How many entries a value has because what it is computed from was reduced, or None."""
        if isinstance(value, ast.Call) and getattr(value.func, "attr", "") in ARRAY_OF and value.args:
            value = value.args[0]
        if isinstance(value, ast.ListComp):
            return self.shrunk.get(getattr(value.generators[0].iter, "id", None))
        if isinstance(value, ast.Subscript):
            keys = value.slice.elts if isinstance(value.slice, ast.Tuple) else [value.slice]
            if getattr(value.value, "id", None) in self.pairs:
                return 1
            return self.entries(value.value) if isinstance(keys[0], ast.Slice) else None
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and any(
                k.arg == "axis" and getattr(k.value, "value", 0) != 0 for k in value.keywords):
            return self.entries(value.func.value)       # x.sum(axis=1) has as many as x
        if isinstance(value, ast.BinOp):
            return self.entries(value.left) or self.entries(value.right)
        return self.shrunk.get(getattr(value, "id", None))
