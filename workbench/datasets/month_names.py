"""Names of months, by which dates are read that people wrote."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# English, German, French, Spanish, Italian, Portuguese, Dutch, Russian; short names are their beginnings.
_NAMES = (
    "january januar jänner janvier enero gennaio janeiro januari январь января",
    "february februar février fevrier febrero febbraio fevereiro februari февраль февраля",
    "march märz maerz mars marzo março marco maart mrz mrt март марта",
    "april avril abril aprile апрель апреля",
    "may mai mayo maggio maio mei май мая",
    "june juni juin junio giugno junho июнь июня",
    "july juli juillet julio luglio julho июль июля",
    "august août aout agosto augustus август августа",
    "september septembre septiembre settembre setembro setiembre сентябрь сентября",
    "october oktober octobre octubre ottobre outubro октябрь октября",
    "november novembre noviembre novembro ноябрь ноября",
    "december dezember décembre decembre diciembre dicembre dezembro декабрь декабря",
)
_SHORTEST = 3


def _months() -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for number, names in enumerate(_NAMES, start=1):
        for name in names.split():
            for length in range(min(_SHORTEST, len(name)), len(name) + 1):
                found.setdefault(name[:length], set()).add(number)
    # What begins two months, such as `jui`, is none but where it is a usual short name.
    known = {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1}
    return known | {"mar": 3, "mai": 5, "mei": 5, "мая": 5, "май": 5}


_MONTHS = _months()


def month_of(names: Any) -> Any:
    """Return an Arrow array of numbers 1 to 12 for names of months; null for other words.

    Args:
        names: Arrow array of words.
    """
    coded = pc.utf8_lower(names).dictionary_encode()
    numbers = [_MONTHS.get(word) for word in coded.dictionary.to_pylist()]
    return pa.array(np.array([*(number or np.nan for number in numbers), np.nan]), from_pandas=True).take(
        coded.indices
    )
