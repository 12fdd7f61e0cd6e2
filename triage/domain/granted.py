"""What somebody may act as who has signed in at the school's provider: by the settings and by their groups.

A group of the provider's stands for a role only where the role says everything: a head of year needs years, a
line manager the staff whom they manage, a chair of governors is one person. Nor does it stand for a post that
an allegation may name, "the headteacher" or "the safeguarding lead": such a case is kept from those who hold
the post by the settings, and whoever held it by a group alone would read what is said about them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from triage.domain.school import Role, School
from triage.domain.visibility import Viewer, viewer

BY_GROUP = frozenset(
    {
        Role.OFFICE,
        Role.DATA_PROTECTION_OFFICER,
        Role.ADMINISTRATOR,
    }
)
"""The roles that a group can stand for."""


def granted(
    school: School, address: str, groups: Iterable[str], by_group: Mapping[str, Role]
) -> Viewer | None:
    """Return what an address may act as, None for somebody who has no business here.

    People of the settings keep their roles, the school's own staff are teachers, and groups add to that.
    """
    known = viewer(school, address)
    roles = known.roles | group_roles(school, address, groups, by_group)
    return replace(known, roles=roles) if roles else None


def group_roles(
    school: School, address: str, groups: Iterable[str], by_group: Mapping[str, Role]
) -> frozenset[Role]:
    """Return the roles that somebody's groups stand for; a group that no setting names stands for none.

    A pupil's address gets nothing from a group: too many groups are of "everybody".
    """
    if school.is_pupil_address(address.strip()):
        return frozenset()
    return frozenset(by_group[group] for group in groups if group in by_group) & BY_GROUP
