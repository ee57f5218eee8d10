"""The one door through which every visible string goes."""

from PySide6.QtCore import QCoreApplication


def tr(text: str, **values: object) -> str:
    """Return `text` in the user's language with `{name}` replaced by the values.

    Works before an application object exists: then the English source comes back.

    Args:
        text: The English source, a literal, so that it is found for translation.
        values: What the placeholders stand for.
    """
    translated = QCoreApplication.translate("workbench", text)
    return translated.format(**values) if values else translated
