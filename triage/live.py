"""What may be renewed while the service runs: the policy file, the roster and the approved packs."""

import logging
from datetime import datetime, tzinfo
from pathlib import Path

from triage.classify.artefact import Artefact
from triage.classify.classifier import Classifier
from triage.classify.phrases import PhraseError
from triage.domain.language import Languages
from triage.domain.model import Classification, Identity, Message
from triage.domain.policy import Policy, PolicyError, parse_policy
from triage.domain.roster import Roster
from triage.message.wording import Wording
from triage.store.db import Database
from triage.store.packs import approved
from triage.store.roster import load_roster, roster_imported_at

log = logging.getLogger(__name__)


class LivePolicy:
    """The school's policy with the classifier that knows its phrases, read again when the file changes.

    The first reading raises PolicyError or OSError; later a file that cannot be used is refused with one
    line in the log, and the last good policy stays.
    """

    def __init__(self, path: Path, templates: frozenset[str], artefact: Artefact, zone: tzinfo) -> None:
        self._path = path
        self._artefact, self._zone = artefact, zone
        self._templates = templates
        self._stamp = self._stamp_now()
        self._policy, self._classifier = self._read()

    def __call__(self) -> Policy:
        """Return the policy that holds now."""
        try:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._stamp = stamp
                self._policy, self._classifier = self._read()
                log.info("policy: the file was read again")
        except (OSError, ValueError) as error:
            log.error("policy: %s; the last good one stays in force", error)  # noqa: TRY400 - one line
        return self._policy

    def classify(
        self, message: Message, identity: Identity, *, answers_staff: bool = False
    ) -> Classification:
        """Classify, with the phrases of the policy in force."""
        return self._classifier(message, identity, answers_staff=answers_staff)

    def _stamp_now(self) -> tuple[int, int]:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_size

    def _read(self) -> tuple[Policy, Classifier]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise PolicyError(f"{self._path.name} is not UTF-8 text") from error
        policy = parse_policy(text, self._templates)
        try:
            return policy, Classifier(self._artefact, policy.extra_phrases, self._zone)
        except PhraseError as error:
            raise PolicyError(str(error)) from error


class LiveRoster:
    """The roster last imported, read from the record again only after an import."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: tuple[datetime | None, Roster] | None = None

    def __call__(self) -> Roster:
        """Return the roster that holds now. Raises StoreError."""
        with self._database.read() as conn:
            imported_at = roster_imported_at(conn)
            if self._held is None or self._held[0] != imported_at:
                self._held = (imported_at, load_roster(conn))
        return self._held[1]


class LiveLanguages:
    """The languages that replies may go out in: the whole ones, and the packs that are approved now."""

    def __init__(self, database: Database, wording: Wording, first: str) -> None:
        self._database = database
        self._first = first
        self._whole = frozenset(wording.languages)
        self._packs = {code: wording.fingerprint(code) for code in wording.packs}

    def __call__(self) -> Languages:
        """Return the languages that hold now. Raises StoreError."""
        if not self._packs:
            return Languages(self._first, self._whole)
        with self._database.read() as conn:
            return Languages(self._first, self._whole | approved(conn, self._packs))
