"""What smtplib raises, in words and codes."""

import smtplib

from triage.mail.answer import enhanced_status
from triage.mail.words import network_words, readable


def trouble_words(error: Exception) -> str:
    """Say in words what smtplib or the network raised."""
    if isinstance(error, smtplib.SMTPException):
        return _smtp_words(error)
    if isinstance(error, OSError):  # before ValueError: a certificate's error is both
        return network_words(error) or readable(str(error))
    return "the username, password or address has characters that SMTP cannot carry"


def _smtp_words(error: smtplib.SMTPException) -> str:
    match error:
        case smtplib.SMTPAuthenticationError(smtp_code=code) if is_for_now(code):
            return f"the server lets nobody in for now ({_said(error)}); it is tried again"
        case smtplib.SMTPAuthenticationError():
            return f"the login was refused ({_said(error)}); check the username and the password or token"
        case smtplib.SMTPResponseException():
            return f"refused ({_said(error)})"
        case smtplib.SMTPServerDisconnected():
            return "the server closed the connection or did not answer in time"
        case _:
            return f"{readable(str(error))} Check host, port and security."


def _said(error: smtplib.SMTPResponseException) -> str:
    text = error.smtp_error
    return f"{error.smtp_code} {readable(text if isinstance(text, bytes | str) else '')}".strip()


def is_for_now(code: int | None) -> bool:
    """Tell a 4xx answer, after which the same may be let through, from all else (RFC 5321 section 4.2.1)."""
    return code is not None and code // 100 == 4  # noqa: PLR2004 - the class of a reply


def reply_code(error: Exception) -> int | None:
    """Return the server's reply code where an error carries one."""
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def reply_status(error: Exception) -> str | None:
    """Return the server's enhanced status code where an error carries one."""
    if not isinstance(error, smtplib.SMTPResponseException):
        return None
    text = error.smtp_error
    return enhanced_status(error.smtp_code, text if isinstance(text, bytes | str) else "")
