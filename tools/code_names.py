"""What a piece of Python code assigns, reads, changes and does, by its syntax tree."""
import ast

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
DRAWS = {"plot", "loglog", "semilogx", "semilogy", "scatter", "bar", "barh", "hist", "imshow", "pcolormesh", "contourf",
         "fill", "fill_between", "errorbar", "step", "stem"}


def stores(node):
    """Names that a piece of code assigns where it stands: those inside functions are the functions' own."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, (ast.Lambda, *COMPREHENSIONS)):
        return set()
    return set().union(*map(stores, ast.iter_child_nodes(node)))


def changed(node):
    """Names that a simple statement changes in place: x in `x[0] = 1`, `x.append(1)`, `x += [1]`, `ae.fit(x)`."""
    if isinstance(node, ast.AugAssign):
        return {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
    places = [t for t in getattr(node, "targets", []) if isinstance(t, ast.Subscript)]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and getattr(
            node.value.func, "attr", "") in ("append", "extend", "update"):
        places = [node.value.func.value]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and getattr(
            node.value.func, "attr", "") in ("set_weights", "fit"):
        places = node.value.args[:1]
    found = set()
    for place in places:
        while isinstance(place, (ast.Subscript, ast.Attribute)):
            place = place.value
        found |= {place.id} if isinstance(place, ast.Name) else set()
    return found


def drew(body):
    """Whether statements draw: if what is left of them does not, only an empty figure is left."""
    return any(getattr(n.func, "attr", "") in DRAWS for part in body for n in ast.walk(part) if isinstance(n, ast.Call))


def idle(statement):
    """Whether a statement does nothing by itself: an import, a heading that is printed, plt.show()."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = ast.unparse(statement.value.func)
        return call == "plt.show" or call == "print" and not any(
            isinstance(n, ast.Name) for arg in statement.value.args for n in ast.walk(arg))
    return isinstance(statement, (ast.Import, ast.ImportFrom))


def silent(source):
    """Whether the source of a cell only gives names to things, and neither prints nor draws nor claims."""
    return all(isinstance(statement, (ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef, ast.ClassDef))
               for statement in ast.parse(source).body)


def reads(source):
    """Names that the source of a cell reads before it assigns them, functions' own included; and those it assigns."""
    tree, found, assigned = ast.parse(source), set(), set()
    for statement in tree.body:
        found |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
                  } - assigned
        assigned |= stores(statement)
    return found, assigned


def names_in(target):
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}


def all_arguments(args):
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]
