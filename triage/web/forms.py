"""Reading a form. Whether it is one of ours was asked before: see ``OwnForms``."""

from starlette.datastructures import FormData
from starlette.requests import Request

MOST_FIELDS = 1_000


async def read_form(request: Request) -> FormData:
    """Return the form that was sent; a file in it is refused."""
    return await request.form(max_files=0, max_fields=MOST_FIELDS)


def field(form: FormData, name: str) -> str:
    """Return one field as text, "" when there is none."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
