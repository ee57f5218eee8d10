"""The program: a project or nothing opens the window, a command works without one."""

import sys

from workbench.cli.request import no_display, window_request


def main() -> int:
    """Carry out the command line and return the exit code."""
    arguments = sys.argv[1:]
    wish = window_request(arguments)
    if wish is None:
        from workbench.cli.app import run as run_command

        return run_command(arguments)
    if no_display():
        from workbench.cli.tour import tour

        return tour(wish.project, wish.starter)
    from workbench.gui.app import run

    return run(wish.project, wish.starter)


if __name__ == "__main__":
    sys.exit(main())
