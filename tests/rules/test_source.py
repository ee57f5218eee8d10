"""Rules that every module keeps, read from its source."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.rules.sources import PACKAGE, ROOT, at_import, imported, modules, nodes, texts

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
ENGINE = ("datasets", "transforms", "models", "training", "evaluation")
HEX_OR_RGB = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b|\b(?:rgba?|hsla?)\(")


def test_every_file_has_fewer_than_400_lines():
    lengths = {path: (ROOT / path).read_text("utf-8").count("\n") for path, _ in modules()}
    assert [f"{path}: {lines} lines" for path, lines in lengths.items() if lines >= 400] == []


def test_every_function_has_fewer_than_50_lines():
    long = [
        f"{place} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for kind in (ast.FunctionDef, ast.AsyncFunctionDef)
        for place, node in nodes(kind)
        if node.end_lineno - node.lineno + 1 >= 50
    ]
    assert long == []


def test_no_module_has_a_name_that_says_nothing():
    names = [path.relative_to(PACKAGE).with_suffix("").parts for path in PACKAGE.rglob("*")]
    assert [
        parts for parts in names if VAGUE_NAMES & {word for part in parts for word in part.split("_")}
    ] == []


def test_colours_stand_in_the_theme_alone():
    found = []
    for place, node in nodes(ast.Constant, "workbench/gui/"):
        if isinstance(node.value, str) and HEX_OR_RGB.search(node.value):
            found.append(f"{place} {node.value!r}")
    for place, node in nodes(ast.Attribute, "workbench/gui/"):
        if ast.unparse(node.value).endswith("GlobalColor") and node.attr != "transparent":
            found.append(f"{place} {ast.unparse(node)}")
    for place, node in nodes(ast.Call, "workbench/gui/"):
        made_of_constants = node.args and all(isinstance(argument, ast.Constant) for argument in node.args)
        if made_of_constants and ast.unparse(node.func).split(".")[-1] in (
            "QColor",
            "mkColor",
            "mkPen",
            "mkBrush",
        ):
            found.append(f"{place} {ast.unparse(node)}")
    assert [line for line in found if not line.startswith("workbench/gui/theme.py:")] == []


def test_nothing_runs_code_from_data():
    found = [
        f"{place} {ast.unparse(node)}"
        for kind in (ast.Import, ast.ImportFrom)
        for place, node in nodes(kind)
        if {name.split(".")[0] for name in imported(node)} & {"cPickle", "dill", "cloudpickle", "marshal"}
        or (isinstance(node, ast.ImportFrom) and node.module == "pickle")
    ]
    # Of pickle only the error that torch raises on a file it refuses.
    found += [
        f"{place} {ast.unparse(node)}"
        for place, node in nodes(ast.Attribute)
        if ast.unparse(node.value) == "pickle" and node.attr != "UnpicklingError"
    ]
    for place, node in nodes(ast.Call):
        called = ast.unparse(node.func)
        options = {word.arg: ast.unparse(word.value) for word in node.keywords}
        if called in ("eval", "exec", "compile", "builtins.eval", "builtins.exec"):
            found.append(f"{place} {called}")
        # A module's own eval() takes nothing; DataFrame.eval(text) runs the text.
        if called.endswith(".eval") and node.args:
            found.append(f"{place} {called} with an argument")
        if called == "torch.load" and options.get("weights_only") != "True":
            found.append(f"{place} torch.load without weights_only=True")
        if options.get("allow_pickle", "False") != "False":
            found.append(f"{place} {called} with allow_pickle")
        if options.get("shell", "False") != "False":
            found.append(f"{place} {called} through a shell")
    assert found == []


def test_threads_are_our_own_and_end_by_themselves():
    found = [f"{place} {node.id}" for place, node in nodes(ast.Name) if node.id == "QThread"]
    found += [
        f"{place} {ast.unparse(node)}"
        for place, node in nodes(ast.Attribute)
        if node.attr == "QThread" or node.attr == "terminate"
    ]
    found += [
        f"{place} {ast.unparse(node)}"
        for place, node in nodes(ast.ImportFrom)
        if any(alias.name == "QThread" for alias in node.names)
    ]
    assert found == []


def test_heavy_libraries_are_imported_late_outside_the_engine():
    heavy = {"torch", "torchvision", "pandas", "sklearn", "scipy", "pyarrow"}
    found = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path, tree in modules()
        if path.split("/")[1] not in ENGINE
        for node in at_import(tree)
        if {name.split(".")[0] for name in imported(node)} & heavy
    ]
    assert found == []


def test_every_imported_library_is_a_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    declared.add("shiboken6")  # the other half of PySide6, which requires it in its own version
    owners = packages_distributions()
    found = set()
    for kind in (ast.Import, ast.ImportFrom):
        for place, node in nodes(kind):
            for name in (full.split(".")[0] for full in imported(node)):
                own = name in sys.stdlib_module_names or name == "workbench"
                if not own and not declared & {canonicalize_name(owner) for owner in owners.get(name, [])}:
                    found.add(f"{place} {name}")
    assert found == set()


def test_no_file_names_a_registry_or_a_path_of_one_machine():
    # Escaped dots keep this file itself from naming a host.
    registry = (
        r"\bpypi\.org|pythonhosted\.org|download\.pytorch\.org|npmjs\.(?:org|com)|(?:extra-)?index-url\b"
    )
    # An absolute path may follow a drive letter, a quote or a space, not another name.
    place = rf"(?<![\w.~-])(?:/(?:home|Users|root)/\w|{re.escape(ROOT.as_posix())}/|[A-Z]:\\+Users\\)"
    pattern = re.compile(f"{registry}|{place}")
    here = "tests/rules/test_source.py"
    found = [
        f"{path}: {match.group()}"
        for path, text in texts()
        if path != here
        for match in pattern.finditer(text)
    ]
    assert found == []
