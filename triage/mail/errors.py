"""The one error of reading mail, and the way there from what the libraries raise."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Literal

from imapclient.exceptions import ProtocolError

from triage.mail.token_error import TokenError
from triage.mail.words import network_words, readable

Kind = Literal["unreachable", "certificate", "login", "refused", "broken", "defect"]
Stage = Literal["connect", "login", "command"]

# RFC 5530, and what Dovecot and providers say for "not now" although the password is right: Gmail's "Too many
# simultaneous connections" has no code of its own. BAD is about the command and not about the password.
# Exchange says "Server Unavailable. 15", Cyrus "generic failure" where what knows the passwords is away.
# Too many wrong passwords are none of these: who is locked out must not be asked for again at once.
_NOT_NOW = re.compile(
    r"""\[(LIMIT|UNAVAILABLE|TEMPFAIL|THROTTLED|INUSE|SERVERBUG|CONTACTADMIN|PRIVACYREQUIRED|OVERQUOTA)\b
    | too\ many\ (\w+\ )?(connections|sessions)
    | maximum\ number\ of\ connections
    | bandwidth\ limits | rate\ limit | is\ throttled
    | temporar(y|ily)\ (\w+\ )?(failure|error|problem|unavailable)
    | (server|server\(s\)|service)\ (is\ )?(currently\ |too\ )?
      (unavailable|not\ available|busy|error|overloaded)
    | internal\ (server\ |login\ |authentication\ )?(error|failure) | system\ (i/o\ )?error
    | login\ failed:\ generic\ failure
    | command\ error:\ BAD""",
    re.IGNORECASE | re.VERBOSE,
)
# After login: what is said to all commands alike, whatever message they are about, by a server that wants to
# be asked less. Exchange says "Server Unavailable. 15" to whoever asks too much.
_THROTTLED = re.compile(
    r"""\[(LIMIT|THROTTLED|OVERQUOTA)\b | bandwidth\ limits | is\ throttled
    | too\ many\ simultaneous\ connections | server\ unavailable""",
    re.IGNORECASE | re.VERBOSE,
)
_FULL = re.compile(r"\[LIMIT\b|too many (\w+ )?(connections|sessions)", re.IGNORECASE)
# Words of a session that answers nothing else from now on: Exchange's, where too many were opened, where a
# token has run out, or where a mailbox was moved.
# The last are of a sign-in by token, which ends with its token.
_OVER = re.compile(
    r"authenticated but not connected|session (invalidated|expired)|token (has |is )?expired"
    r"|\[(AUTHENTICATIONFAILED|EXPIRED)\b",
    re.IGNORECASE,
)
_PASSING = re.compile(r"\[(UNAVAILABLE|INUSE)\b", re.IGNORECASE)
_BACKOFF = re.compile(r"suggested backoff time:? (\d{1,9}) milliseconds", re.IGNORECASE)
# imaplib's words for a line that it stopped reading.
_TOO_LONG = "got more than"
# imaplib's words before it shows a line that it did not expect: where a server has miscounted, or hung up
# midway, that is a line of somebody's message, or the name of what is attached to it.
_SHOWN = re.compile(r"(unterminated line|unexpected (tagged )?response):.*", re.DOTALL)
_ADVICE: dict[Kind, str] = {
    "unreachable": "check host, port and security",
    "certificate": "set ca_file or renew the certificate",
    "login": "check the username and the password or token",
    "refused": "it is tried again later; ask the server's administrator if it stays so",
    "broken": "it is tried again over a new connection",
}


_OF_TOKENS: dict[str, Kind] = {"refused": "login", "throttled": "refused", "unreachable": "unreachable"}


class MailError(Exception):
    """Mail could not be read. ``kind`` says what sort of trouble, the text is one line for people.

    unreachable: no connection. certificate: TLS cannot be trusted. login: the account was refused.
    refused: the server said no, or not now. broken: the connection or the protocol broke. defect: it is this
    program that failed.
    ``tried`` is False where the server was not asked: it has refused the same login before, or there is no
    token to sign in with.
    """

    def __init__(self, kind: Kind, words: str, *, tried: bool = True) -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words
        self.tried = tried


@contextmanager
def in_words(stage: Stage, where: str) -> Iterator[None]:
    """Raise MailError for whatever imapclient, imaplib or the socket raise inside."""
    try:
        yield
    except MailError:
        raise
    except Exception as error:
        # All of it: what the libraries raise on a bad server has no common base, down to AttributeError.
        raise mail_error(error, stage, where) from error


def mail_error(error: Exception, stage: Stage, where: str) -> MailError:
    """Turn what a library raised into a MailError that says what happened, where, and what to do."""
    kind = _kind(error, stage)
    words = network_words(error) or f"{_said(error)}; {_ADVICE[kind]}"
    return MailError(kind, f"{where}: {words}", tried=not isinstance(error, TokenError))


def defect(error: Exception, where: str) -> MailError:
    """Turn what nobody foresaw into a MailError that tells its sort alone: its text may hold anything."""
    said = f"this is a mistake in the program, please report it ({type(error).__name__}); it is tried again"
    return MailError("defect", f"{where}: {said}")


def leaves_a_rest(error: MailError) -> bool:
    """Tell whether part of an answer may still be on its way, so that the connection must be dropped.

    After an answer that was read to its end and then not understood the connection still serves.
    """
    cause = error.__cause__
    return isinstance(cause, OSError | imaplib.IMAP4.abort) or _TOO_LONG in str(cause)


def is_throttled(error: MailError) -> bool:
    """Tell whether a server wants to be asked less, so that to ask again at once makes it worse."""
    return error.kind == "refused" and _THROTTLED.search(error.words) is not None


def is_full(error: MailError) -> bool:
    """Tell whether a server lets in no more connections: others may end at any time, and one look is one."""
    return error.kind == "refused" and _FULL.search(error.words) is not None


def passes_soon(error: MailError) -> bool:
    """Tell whether what a server asks for may be over at any time, so that a look an interval is no burden.

    "Server Unavailable" is said while a server starts, too.
    """
    return is_full(error) or "server unavailable" in error.words.lower()


def is_over(error: MailError) -> bool:
    """Tell whether a server says that it answers nothing more in this session."""
    return _OVER.search(error.words) is not None


def is_passing(error: MailError) -> bool:
    """Tell whether a server says no for now and to all alike, so that no message is at fault."""
    return error.kind == "refused" and _is_for_all(error.words)


def asked_wait(error: MailError) -> timedelta:
    """Return how long a server asks to be left alone, nothing where it does not say (Microsoft does)."""
    found = _BACKOFF.search(error.words)
    return timedelta(milliseconds=int(found[1])) if found else timedelta()


def _kind(error: Exception, stage: Stage) -> Kind:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, TokenError):
        return _OF_TOKENS[error.kind]
    if isinstance(error, OSError):
        return "unreachable" if stage == "connect" else "broken"
    if stage == "login":
        return _login_kind(error)
    return "refused" if _is_a_no(error, stage) or _is_bye_for_now(error) else "broken"


def _login_kind(error: Exception) -> Kind:
    """Read a refused login: imapclient's LoginError stands for lost connections and limits too."""
    lost = isinstance(error, imaplib.IMAP4.abort) or isinstance(error.__context__, imaplib.IMAP4.abort)
    if lost or "illegal in state" in str(error):
        return "broken"
    return "refused" if _NOT_NOW.search(str(error)) else "login"


def _is_a_no(error: Exception, stage: Stage) -> bool:
    """Tell a server's NO, BAD or BYE from an answer that breaks the protocol (a subclass in imapclient)."""
    if not isinstance(error, imaplib.IMAP4.error) or isinstance(error, imaplib.IMAP4.abort):
        return False
    return _TOO_LONG not in str(error) and (stage == "connect" or type(error) is imaplib.IMAP4.error)


def _is_bye_for_now(error: Exception) -> bool:
    """Tell a server that hangs up and says that it is not about the message from one that just breaks."""
    # Without the line that imaplib shows: where a server has lost count that is somebody's message.
    return isinstance(error, imaplib.IMAP4.abort) and _is_for_all(_SHOWN.sub(r"\1", str(error)))


def _is_for_all(words: str) -> bool:
    return any(each.search(words) for each in (_THROTTLED, _OVER, _PASSING))


def _said(error: Exception) -> str:
    """Quote the server where it speaks to us; of any other error tell only its sort.

    Its text may hold what was sent, or what a parent wrote.
    """
    if not isinstance(error, imaplib.IMAP4.error) or isinstance(error, ProtocolError):
        return f"what came or went could not be understood ({type(error).__name__})"
    text = _SHOWN.sub(r"\1", str(error))
    # imaplib shows the server's bytes as Python would: b'...'.
    unquoted = re.sub(r"b(['\"])(.*)\1", r"\2", text)
    return readable(unquoted) or "the server said no without a reason"
