"""The project's own files, as the rules read them."""

import ast
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "workbench"
_NOT_OURS = {".git", ".venv", "build", "dist", "__pycache__", ".hypothesis"}


@lru_cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Return (path relative to the root, syntax tree) of every module of the package."""
    found = sorted(PACKAGE.rglob("*.py"))
    assert found, "no module was found, so no rule would be checked"
    return tuple(
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"), str(path))) for path in found
    )


def nodes(kind: type[ast.AST], under: str = "workbench/") -> Iterator[tuple[str, ast.AST]]:
    """Yield ("path:line", node) for every node of that kind in the modules whose path starts with `under`."""
    for path, tree in modules():
        if path.startswith(under):
            for node in ast.walk(tree):
                if isinstance(node, kind):
                    yield f"{path}:{getattr(node, 'lineno', 1)}", node


def at_import(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run when a module is imported: not those in functions or for types only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from at_import(node)


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Return the full names of the modules that an import statement names."""
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]


def texts() -> Iterator[tuple[str, str]]:
    """Yield (path relative to the root, content) of every text file of the checkout that is ours."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name for name in folders if name not in _NOT_OURS and not name.endswith(("_cache", ".egg-info"))
        ]
        for name in files:
            path = Path(folder, name)
            try:
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
            except (UnicodeDecodeError, OSError):
                continue
