"""Names that are English words too, so that the bare word shows nothing; data."""

from triage.domain.names import Atoms

CALENDAR = frozenset("april may june august summer autumn winter spring noel easter dawn day sunday".split())  # noqa: SIM905

_EVERYDAY = CALENDAR | frozenset(
    """
    angel art ash bay bill blessing bob brook chance charity charm chase clay cliff dale dean destiny duke
    earl eve faith favour frank gene gift glen grace grant happy harmony heath honor honour hope hunter
    jay joy justice king kit lance major mark marvel melody mercy merry miles misty nick page pat patience
    pearl penny pierce pip pleasant porter precious prince princess prudence ray reed rich river rob robin
    rose royal rusty sage saint sandy sky star stone storm sue sunny tab tanner taylor tilly treasure
    trinity trip wade will willow wisdom wren al ant con dot em ed flick gen han jet mo rex stan ted val
    """.split()  # noqa: SIM905 - a list of a hundred names reads better as text
)
_SELDOM = frozenset(
    """
    amber archer basil carol carter constance cooper crystal daisy drew felicity fern finch flo harper hazel
    heather holly iris ivy jade jack jasper jake lily mason max miranda olive parker poppy reece robin
    rosemary ruby skye summer terry tyler verity violet
    """.split()  # noqa: SIM905 - a list of names reads better as text
)
_FAMILIES = CALENDAR | frozenset(
    """
    bell best bird black bond brand brook brown burn bush carpenter cook craft croft cross dale day early
    english field fish ford forest fox frost garden good gray green grey hall hill hope house hunt
    king lake lane law long love marsh mason may mills moon moore noble park peace penny pole pool pope power
    price rice rich rivers rose rush short small snow stone street strong summers swift wall ward waters
    way west white wise wood woods young
    """.split()  # noqa: SIM905 - a list of names reads better as text
)


def is_word_name(given: Atoms) -> bool:
    """Whether a given name is an everyday word too: "Will", "May", "Hope"."""
    return len(given) == 1 and given[0] in _EVERYDAY


def is_seldom_word(given: Atoms) -> bool:
    """Whether a given name is a word that a school's mail seldom holds otherwise: "Ruby", "Tyler"."""
    return len(given) == 1 and given[0] in _SELDOM


def is_word_family(family: Atoms) -> bool:
    """Whether a family name is an everyday word: "Early", "Day"."""
    return len(family) == 1 and family[0] in _FAMILIES
