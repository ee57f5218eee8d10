"""What the fields of a form can be, read from the project beside the window."""

from typing import TYPE_CHECKING

from workbench.gui import background
from workbench.gui.widgets.param_form import ParamForm

if TYPE_CHECKING:
    from workbench.services.session import Session


def offer_choices(session: "Session", form: ParamForm) -> None:
    """Let the fields of a form, also of what is chosen in it, offer what there is; each asks once."""
    for field in form.shown().values():
        if field.offers and not field.property("offered"):
            field.setProperty("offered", True)
            background.query(
                lambda kind=field.offers: session.risks.choices(kind),  # type: ignore[misc]
                field.offer,
                owner=field,
            )
