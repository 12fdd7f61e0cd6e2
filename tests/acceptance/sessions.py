"""Sessions with a mailbox that do one thing otherwise than real ones."""

from typing import Self


class PassedOn:
    """Does what a session does; of it a test makes one that differs in what it writes itself."""

    def __init__(self, session) -> None:
        self._session = session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def __getattr__(self, name: str) -> object:
        return getattr(self._session, name)
