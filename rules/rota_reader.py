"""`oncall` of the rules file."""

from rules.rota import Rota
from rules.scope import Scope
from rules.yaml_errors import shown


def read_oncall(scope: Scope, desk: str | None) -> Rota | None:
    """The people on call; None where the file names none. `desk` is the desk's zone by name."""
    del desk
    rota: Rota | None = None
    place: str | None = None
    for value, loc in scope.parts("oncall"):
        if place is not None:
            scope.mistake(loc, f"`oncall` stands in {place} already; one file says who is called", key=True)
            continue
        place = scope.place(loc, key=True)
        people = value.get("people") if isinstance(value, dict) else None
        if not isinstance(people, dict):
            scope.mistake(loc, f"expected people and a rota ({{people: …, rota: …}}), got {shown(value)}")
            rota = Rota()
        else:
            rota = Rota(people=dict(people))
    return rota
