"""Senders who may pass for somebody else: a name or an address that is made to look like another.

What is found is a hint for the eye beside the address in full; it decides nothing.
"""

import re
import unicodedata
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from triage.domain.names import fold
from triage.domain.plain_sight import unseen
from triage.domain.proof import Proof
from triage.domain.school import School
from triage.domain.staff_names import Form, atoms, named, staff_of

_ADDRESS = re.compile(r"[^\s\"'<>(),;:@]+@[^\s\"'<>(),;:@]+\.[^\s\"'<>(),;:@]+")
_LONGEST = 400
_FOREIGN = "xn--"
_OFFICES = frozenset({"absence", "academy", "admin", "attendance", "college", "head", "office", "school"})
_TWINS = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("-", ""))
_SHORT = 6
"""Of a shorter domain one letter more or less is another word."""


def look_alikes(name: str, address: str, proof: Proof, school: School) -> tuple[str, ...]:
    """Return in sentences what makes a sender look like another; ``name`` stands beside the address."""
    shown = unicodedata.normalize("NFKC", name[:_LONGEST])
    sentences = [_other_address(shown, address), *_written(address), _near_domain(address, school)]
    if proof is not Proof.VERIFIED and not school.is_staff_address(address):
        sentences += [_staff(shown, school) or _office(shown, school)]
    return tuple(sentence for sentence in sentences if sentence)


def _other_address(name: str, address: str) -> str:
    others = {found.casefold() for found in _ADDRESS.findall(name)} - {address.casefold()}
    return "The name shows an address, and it is not the one that this came from." if others else ""


def _written(address: str) -> Iterator[str]:
    """Yield what is odd in the letters of an address."""
    if unseen(address):
        yield "The address holds signs that cannot be seen."
    meant, domain = _in_letters(address), address.rpartition("@")[2]
    scripts = sorted({_script(char) for char in meant if char.isalpha()})
    if len(scripts) > 1:
        mixed = " and ".join(scripts)
        yield f"The address mixes the alphabets {mixed}: a letter in it may be another than it looks."
    if meant != address:
        yield f"In letters its domain reads {meant.rpartition('@')[2]}."
    elif not domain.isascii():
        yield f"As computers read it, its domain is {_in_ascii(domain)}."


def _in_letters(address: str) -> str:
    """Return an address with the parts of its domain decoded that stand for other letters (RFC 3492)."""
    local, at, domain = address.rpartition("@")
    return local + at + ".".join(_label(label) for label in domain.split("."))


def _label(label: str) -> str:
    if not label.lower().startswith(_FOREIGN):
        return label
    try:
        return label[len(_FOREIGN) :].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _in_ascii(domain: str) -> str:
    labels = domain.split(".")
    return ".".join(
        one if one.isascii() else f"{_FOREIGN}{one.encode('punycode').decode()}" for one in labels
    )


def _script(letter: str) -> str:
    """Return the alphabet of a letter: the first word of its name in Unicode, which says so."""
    return unicodedata.name(letter, "unknown").split()[0].split("-")[0].capitalize()


def _near_domain(address: str, school: School) -> str:
    domain = _in_letters(address).rpartition("@")[2].lower()
    own = sorted(school.domains | school.pupil_domains)
    if not domain or any(domain == one or domain.endswith(f".{one}") for one in own):
        return ""
    near = next((one for one in own if _passes_for(domain, one)), None)
    return f"The address is made to look like the school's own, {near}, and is not." if near else ""


def _passes_for(domain: str, own: str) -> bool:
    if domain.startswith(f"{own}.") or _twin(domain) == _twin(own):
        return True
    return len(own) > _SHORT and OSA.distance(domain, own, score_cutoff=1) <= 1


def _twin(domain: str) -> str:
    """Return a domain as the eye takes it: letters that look alike are one."""
    plain = fold(domain).translate(_LATIN)
    for written, seen in _TWINS:
        plain = plain.replace(written, seen)
    return plain


def _staff(name: str, school: School) -> str:
    mentions = named(fold(name).translate(_LATIN), staff_of(school))
    known = any(each.address and each.form in {Form.TITLED, Form.FULL} for each in mentions)
    return "The name is that of a member of staff, and the address is none of staff." if known else ""


def _office(name: str, school: School) -> str:
    own, shown = atoms(school.name), atoms(name.translate(_LATIN))
    distinct = own - _OFFICES
    if distinct and distinct <= shown and shown & _OFFICES:
        return "The name is the school's, and the address is none of staff."
    return ""


_LATIN = str.maketrans(
    "\u0430\u0435\u0456\u0458\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0501"
    "\u0410\u0412\u0415\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405"
    "\u03b1\u03bf\u03c1\u03bd\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u0131",
    "aeijkmhopctyxsdABEIJKMHOPCTYXSaopvABEHIKMNOPTXi",
)
"""Cyrillic and Greek letters as the Latin ones for which they are taken."""
