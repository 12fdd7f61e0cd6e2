"""A OneRoster 1.1 export: who is on the roll, who cares for them, which form, and what is refused."""

import pytest

from triage.domain.oneroster import read_oneroster
from triage.domain.roster import Roster
from triage.domain.roster_file import RosterError, read_plain_csv

USERS = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"
)
FILES = {
    "users.csv": USERS,
    "orgs.csv": (
        "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
        "o1,,,Oakfield School,school,,d1\nd1,,,Oakshire,district,,"
    ),
    "classes.csv": (
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
        "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n"
        "c8b,,,8B,08,co1,8B,homeroom,,o1,t1,,,\nc8c,,,8C,08,co1,8C,homeroom,,o1,t1,,,\n"
        "cma,,,Maths set 2,08,co2,MA2,scheduled,,o1,t1,,,"
    ),
    "enrollments.csv": (
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
        "beginDate,endDate\ne1,,,c8b,o1,p1,student,,2026-09-01,\ne2,,,cma,o1,p1,student,,2026-09-01,"
    ),
}


def user(id_, role="student", given="Jake", *, family="Pole", email="", agents="", grades="", **more):
    """One line of users.csv."""
    cells = dict.fromkeys(USERS.split(","), "") | more
    cells |= {"sourcedId": id_, "role": role, "givenName": given, "familyName": family, "email": email}
    cells |= {"agentSourcedIds": f'"{agents}"', "grades": grades or ("08" if role == "student" else "")}
    cells["orgSourcedIds"] = more.get("orgSourcedIds", "o1")
    return ",".join(cells.values())


JAKE = user("p1")
SARA = user("g1", "parent", "Sara", email="sara.pole@home.example", agents="p1")
ANN = user("p2", given="Ann", grades="10")


def files(*users, **more):
    """An export with these users; ``classes`` and ``enrollments`` are further lines of theirs."""
    texts = FILES | {"users.csv": "\n".join((USERS, *users))}
    return texts | {f"{name}.csv": "\n".join((texts[f"{name}.csv"], *lines)) for name, lines in more.items()}


def read(*users, **more) -> Roster:
    return read_oneroster(files(*(users or (JAKE, SARA)), **more), "export")


def refusal(*users, texts=None, **more):
    with pytest.raises(RosterError) as caught:
        read_oneroster(files(*(users or (JAKE, SARA)), **more) | (texts or {}), "export")
    return str(caught.value)


def test_a_student_is_a_pupil_by_their_sourced_id():
    pupil = read(user("p1", email="Jake@pupils.oakfield.example")).pupils["p1"]
    assert (pupil.id, pupil.given, pupil.family, pupil.year) == ("p1", "Jake", "Pole", 8)
    assert pupil.address == "jake@pupils.oakfield.example"


def test_the_roster_is_the_same_as_from_a_plain_file():
    plain = read_plain_csv(
        "pupil id,given,family,known as,year,form,guardian name,guardian email\n"
        "p1,Jake,Pole,,8,8B,Sara Pole,sara.pole@home.example",
        "roster.csv",
    )
    found = read()
    assert found.pupils == plain.pupils
    (one,), (other,) = found.guardians, plain.guardians
    assert (one.name, one.address, one.pupils) == (other.name, other.address, other.pupils)


# which guardian


def test_a_guardians_telephone_is_the_mobile_before_the_other_one():
    both = user("g1", "parent", "Sara", email="s@home.example", agents="p1", sms="07700 900 123", phone="01")
    one = user("g2", "parent", "Ed", email="e@home.example", agents="p1", phone="01632 960 123")
    neither = user("g3", "parent", "Jo", email="j@home.example", agents="p1")
    told = [guardian.telephone for guardian in read(JAKE, both, one, neither).guardians]
    assert told == ["07700 900 123", "01632 960 123", None]


def test_the_guardian_may_name_the_pupil():
    assert read(JAKE, SARA).guardians[0].pupils == ("p1",)


def test_the_pupil_may_name_the_guardian():
    roster = read(user("p1", agents="g1"), user("g1", "parent", "Sara", email="sara@home.example"))
    assert [(guardian.id, guardian.pupils) for guardian in roster.guardians] == [("g1", ("p1",))]


def test_both_may_name_each_other():
    assert read(user("p1", agents="g1"), SARA).guardians[0].pupils == ("p1",)


def test_siblings_named_in_either_direction_come_together_in_the_files_order():
    roster = read(JAKE, user("p2", given="Ann", agents="g1"), SARA)
    assert roster.guardians[0].pupils == ("p1", "p2")


@pytest.mark.parametrize("separator", [",", ";", "|", ", "])
def test_a_list_of_agents_may_be_separated_in_many_ways(separator):
    mother = user("g1", "parent", "Sara", email="sara@home.example", agents=separator.join(("p1", "p2")))
    assert read(JAKE, ANN, mother).guardians[0].pupils == ("p1", "p2")


@pytest.mark.parametrize("role", ["parent", "guardian", "relative", "Parent"])
def test_whoever_cares_for_a_pupil_is_a_guardian(role):
    assert read(JAKE, user("g1", role, "Sara", email="sara@home.example", agents="p1")).guardians


@pytest.mark.parametrize("role", ["teacher", "aide", "administrator", "proctor", "student"])
def test_staff_and_other_pupils_are_no_guardians(role):
    assert not read(JAKE, user("x1", role, "Sam", email="sam@home.example", agents="p1")).guardians


def test_a_guardian_with_a_telephone_alone_can_be_rung_and_writes_from_nowhere():
    roster = read(JAKE, user("g1", "parent", "Sara", agents="p1", phone="01632 960 123"))
    assert [guardian.telephone for guardian in roster.guardians] == ["01632 960 123"]
    assert roster.guardians_at("") == ()


def test_a_number_that_is_nobodys_is_left_out():
    assert not read(JAKE, user("g1", "parent", "", family="", agents="p1", phone="01632 960 123")).guardians


def test_a_guardian_with_neither_address_nor_telephone_is_left_out():
    assert not read(JAKE, user("g1", "parent", "Sara", agents="p1")).guardians


def test_a_guardian_of_nobody_on_the_roll_is_left_out():
    assert not read(JAKE, user("g1", "parent", "Sara", email="sara@home.example")).guardians


# what has gone


@pytest.mark.parametrize("status", ["tobedeleted", "ToBeDeleted", "inactive"])
def test_a_pupil_to_be_deleted_is_not_on_the_roll(status):
    assert list(read(JAKE, user("p2", status=status)).pupils) == ["p1"]


def test_an_active_pupil_is_on_the_roll():
    assert "p1" in read(user("p1", status="active", enabledUser="true")).pupils


@pytest.mark.parametrize("enabled", ["false", "FALSE", "0"])
def test_a_user_who_is_not_enabled_counts_as_not_there(enabled):
    assert list(read(JAKE, user("p2", enabledUser=enabled)).pupils) == ["p1"]


def test_a_guardian_of_a_pupil_who_has_gone_keeps_the_others():
    mother = user("g1", "parent", "Sara", email="sara@home.example", agents="p1,p2")
    assert read(JAKE, user("p2", status="tobedeleted"), mother).guardians[0].pupils == ("p1",)


def test_a_bad_cell_of_a_deleted_row_is_no_matter():
    assert read(JAKE, user("p2", "pupil?", status="tobedeleted", grades="x"))


def test_a_deleted_enrollment_is_no_form():
    assert not read(ANN, JAKE, enrollments=["e3,tobedeleted,,c8b,o1,p2,student,,,"]).pupils["p2"].form


def test_a_deleted_homeroom_is_no_form():
    gone = FILES["classes.csv"].replace("c8b,,", "c8b,tobedeleted,")
    assert not read_oneroster(files(JAKE) | {"classes.csv": gone}, "export").pupils["p1"].form


# names, years, forms


@pytest.mark.parametrize(
    "column", ["preferredFirstName", "preferredGivenName", "known as", "metadata.preferredFirstName"]
)
def test_a_preferred_name_is_the_name_known_as(column):
    texts = files(f"{JAKE},Jay")
    texts["users.csv"] = texts["users.csv"].replace(USERS, f"{USERS},{column}")
    assert read_oneroster(texts, "export").pupils["p1"].known_as == "Jay"


def test_a_preferred_name_that_is_the_given_name_adds_nothing():
    texts = files(f"{JAKE},Jake")
    texts["users.csv"] = texts["users.csv"].replace(USERS, f"{USERS},preferredFirstName")
    assert read_oneroster(texts, "export").pupils["p1"].known_as == ""


def test_a_vendors_own_column_is_not_taken_for_the_standards():
    texts = files(f"{JAKE},tobedeleted")
    texts["users.csv"] = texts["users.csv"].replace(USERS, f"{USERS},metadata.status")
    assert "p1" in read_oneroster(texts, "export").pupils


@pytest.mark.parametrize(("text", "year"), [("08", 8), ("8", 8), ("Year 8", 8), ("Y8", 8), ("R", 0)])
def test_grades_are_school_years(text, year):
    assert read(user("p1", grades=text)).pupils["p1"].year == year


def test_a_grade_repeated_is_one_grade():
    assert read(user("p1", grades='"08,8"')).pupils["p1"].year == 8


def test_without_grades_the_homeroom_tells_the_year():
    assert read(user("p1", grades=" ")).pupils["p1"].year == 8


def test_the_form_is_the_homeroom_and_not_a_lesson():
    assert read().pupils["p1"].form == "8B"


@pytest.mark.parametrize(
    ("title", "form"),
    [
        ("8B", "8B"),
        ("Form 8B", "8B"),
        ("8B Registration", "8B"),
        ("Tutor Group 8 Oak", "8 Oak"),
        ("Form", "Form"),
    ],
)
def test_a_form_is_called_as_parents_write_it(title, form):
    classes = FILES["classes.csv"].replace("c8b,,,8B", f"c8b,,,{title}")
    assert read_oneroster(files(JAKE) | {"classes.csv": classes}, "export").pupils["p1"].form == form


def test_a_tutor_of_a_homeroom_is_not_in_the_form():
    teacher = user("t1", "teacher", "Ty", family="Hale")
    assert read(JAKE, teacher, enrollments=["e3,,,c8b,o1,t1,teacher,true,,"]).pupils.keys() == {"p1"}


def test_a_pupil_without_a_homeroom_has_no_form():
    assert read(ANN, JAKE).pupils["p2"].form == ""


def test_of_two_homerooms_the_primary_one_counts():
    more = ["e3,,,c8c,o1,p2,student,true,2026-09-01,", "e4,,,c8b,o1,p2,student,false,2026-10-01,"]
    assert read(JAKE, ANN, enrollments=more).pupils["p2"].form == "8C"


def test_of_two_homerooms_the_one_begun_last_counts():
    more = ["e3,,,c8c,o1,p2,student,,2026-10-05,", "e4,,,c8b,o1,p2,student,,2026-09-01,"]
    assert read(JAKE, ANN, enrollments=more).pupils["p2"].form == "8C"


def test_two_homerooms_that_nothing_tells_apart_are_refused():
    assert refusal(enrollments=["e3,,,c8c,o1,p1,student,,2026-09-01,"]) == (
        "enrollments.csv, line 4: the pupil is in another homeroom by line 2; mark one as primary"
    )


# how files are written


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_the_files_may_be_separated_otherwise(separator):
    texts = {name: text.replace(",", separator) for name, text in files(JAKE.replace('"', "")).items()}
    assert read_oneroster(texts, "export").pupils["p1"].form == "8B"


def test_byte_order_marks_windows_lines_and_quotes_are_no_matter():
    texts = {name: "\ufeff" + text.replace("\n", "\r\n") for name, text in files(JAKE, SARA).items()}
    assert read_oneroster(texts, "export").guardians


def test_columns_may_stand_in_any_order_and_case_and_unused_ones_be_left_out():
    users = "GRADES,Role,AgentSourcedIds,family_name,GivenName,sourcedid,Email\n08,student,,Pole,Jake,p1,"
    assert "p1" in read_oneroster(files() | {"users.csv": users}, "export").pupils


def test_a_manifest_of_a_whole_export_is_no_matter():
    manifest = "propertyName,value\nmanifest.version,1.0\nfile.users,bulk\nfile.demographics,absent"
    assert read_oneroster(files(JAKE) | {"manifest.csv": manifest}, "export")


# what is refused


def test_an_export_of_changes_only_is_refused():
    manifest = "propertyName,value\noneroster.version,1.1\nfile.users,delta"
    assert refusal(texts={"manifest.csv": manifest}) == (
        'manifest.csv, line 3: this export holds changes only; export all of it ("bulk")'
    )


def test_a_missing_file_is_named():
    with pytest.raises(RosterError, match=r"^export: this OneRoster export lacks: orgs\.csv, enroll"):
        read_oneroster({name: FILES[name] for name in ("users.csv", "classes.csv")}, "export")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (user(""), '"sourcedId" is empty'),
        (user("p9", ""), '"role" is empty'),
        (user("p9", given=""), '"givenName" is empty'),
        (user("p9", family=""), '"familyName" is empty'),
        (user("p9", grades="8B"), '"grades" is not a school year'),
        (user("p9", grades='"08,09"'), '"grades" names more than one school year'),
        (user("p9", grades=" "), '"grades" is empty, and no homeroom of the pupil tells the year'),
        (user("p9", "pupil"), '"role" is not one of OneRoster 1.1'),
        (user("p9", status="gone"), '"status" is neither active nor tobedeleted'),
        (user("p9", enabledUser="maybe"), '"enabledUser" is neither yes nor no'),
        (user("p9", email="jake"), '"email" is not one email address'),
        (user("p9", agents="g7"), '"agentSourcedIds" names a sourcedId that is not in the export'),
        (user("p9", orgSourcedIds="o7"), '"orgSourcedIds" names a sourcedId that is not in the export'),
        (user("p1"), "this sourcedId stands on line 2 already"),
        (
            user("g9", "parent", "", family="", email="a@home.example", agents="p1"),
            '"givenName" and "familyName" are empty',
        ),
        (f"{user('p9')},stray", "19 cells under 18 columns"),
    ],
)
def test_a_bad_row_of_users_is_named_by_file_and_line(line, words):
    assert refusal(JAKE, SARA, line).startswith(f"users.csv, line 4: {words}")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("e3,,,c9,o1,p1,student,,,", '"classSourcedId" names a sourcedId that is not in the export'),
        ("e3,,,c8b,o1,p9,student,,,", '"userSourcedId" names a sourcedId that is not in the export'),
        ("e3,,,c8b,o1,,student,,,", '"userSourcedId" is empty'),
        ("e3,,,c8b,o1,p1,,,,", '"role" is empty'),
        ("e3,,,c8b,o1,p1,student,maybe,,", '"primary" is neither yes nor no'),
    ],
)
def test_a_bad_row_of_enrollments_is_named_by_file_and_line(line, words):
    assert refusal(enrollments=[line]).startswith(f"enrollments.csv, line 4: {words}")


def test_a_bad_row_of_classes_is_named_by_file_and_line():
    assert refusal(classes=["c8b,,,8B,08,,,homeroom,,,,,,"]) == (
        "classes.csv, line 5: this sourcedId stands on line 2 already"
    )


def test_a_missing_column_is_named():
    users = USERS.replace(",role", "").replace(",grades", "")
    assert refusal(texts={"users.csv": users}) == "users.csv, line 1: the header line lacks: role, grades"


def test_a_column_twice_is_refused():
    assert refusal(texts={"users.csv": f"{USERS},Role"}) == (
        "users.csv, line 1: the header line names a column twice: role"
    )


def test_an_export_without_pupils_is_refused():
    assert refusal(user("p1", "teacher")) == 'users.csv: no pupils: no line has the role "student"'


def test_an_export_of_two_schools_is_refused():
    words = refusal(JAKE, user("p2", orgSourcedIds="o2"), orgs=["o2,,,Elm School,school,,d1"])
    assert words.startswith("users.csv, line 3: this pupil is of another school")


def test_a_district_above_the_school_is_no_second_school():
    assert read(JAKE, user("p2", orgSourcedIds='"o1,d1"')).pupils.keys() == {"p1", "p2"}


def test_a_pupil_who_is_at_two_schools_is_at_ours():
    more = ["o2,,,Elm School,school,,d1"]
    assert read(JAKE, user("p2", orgSourcedIds='"o2,o1"'), orgs=more).pupils.keys() == {"p1", "p2"}


@pytest.mark.parametrize(
    "line",
    [
        user("p9", family="Polestar", grades="x"),
        user("p9", email="Polestar"),
        user("Polestar", agents="Polestar7"),
        user("p9", "Polestar"),
    ],
)
def test_no_personal_data_stands_in_a_refusal(line):
    assert "Polestar" not in refusal(JAKE, line)
