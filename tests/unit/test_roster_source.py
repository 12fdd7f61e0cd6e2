"""Where a roster lies: a file, a folder or a zip file, each read within bounds and refused in words."""

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from triage import roster_source
from triage.domain.roster_file import RosterError
from triage.roster_source import read_roster

PLAIN = (
    "pupil id,given,family,known as,year,form,guardian name,guardian email\n"
    "p1,Zoë,Pole,,8,8B,Sara Pole,sara.pole@home.example\n"
)
EXPORT = {
    "users.csv": (
        "sourcedId,role,givenName,familyName,email,grades,agentSourcedIds\n"
        "p1,student,Zoë,Pole,,08,g1\ng1,parent,Sara,Pole,sara.pole@home.example,,\n"
    ),
    "orgs.csv": "sourcedId,type\no1,school\n",
    "classes.csv": "sourcedId,title,classType\nc1,8B,homeroom\n",
    "enrollments.csv": "sourcedId,classSourcedId,userSourcedId,role\ne1,c1,p1,student\n",
}
ADJUSTMENTS = "guardian email,may write,interpreter\nsara.pole@home.example,yes,Polish\n"


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(PLAIN, "utf-8")
    return path


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "export"
    path.mkdir()
    for name, text in EXPORT.items():
        (path / name).write_text(text, "utf-8")
    return path


@pytest.fixture
def archive(tmp_path):
    return zipped(tmp_path, EXPORT)


def zipped(folder: Path, texts, method=zipfile.ZIP_DEFLATED) -> Path:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w", method) as file:
        for name, text in texts.items():
            file.writestr(name, text)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(RosterError) as caught:
        read_roster(path)
    return str(caught.value).removeprefix(f"{path.parent}/")


@pytest.mark.parametrize("kind", ["plain", "folder", "archive"])
def test_a_file_a_folder_and_a_zip_file_are_read(kind, request):
    roster = read_roster(request.getfixturevalue(kind))
    assert (roster.pupils["p1"].given, roster.pupils["p1"].form) == ("Zoë", "8B")
    assert roster.guardians_at("sara.pole@home.example")[0].pupils == ("p1",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_usual_encodings_of_unicode_are_told_apart(tmp_path, encoding):
    (tmp_path / "roster.csv").write_text(PLAIN, encoding)
    assert read_roster(tmp_path / "roster.csv").pupils["p1"].given == "Zoë"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le"])
def test_what_is_no_unicode_is_refused_and_not_guessed(tmp_path, encoding):
    (tmp_path / "roster.csv").write_bytes(PLAIN.encode(encoding).replace(b"p1", b"\xff"))
    assert refusal(tmp_path / "roster.csv") == "roster.csv: this is not UTF-8 text; save it as CSV UTF-8"


def test_names_of_files_ignore_case(folder):
    (folder / "users.csv").rename(folder / "Users.CSV")
    assert read_roster(folder)


def test_a_zip_file_may_hold_a_folder_and_the_shadows_of_macos(tmp_path):
    texts = {f"export/{name}": text for name, text in EXPORT.items()}
    assert read_roster(zipped(tmp_path, texts | {"__MACOSX/export/users.csv": "\0"})).pupils


def test_other_files_are_never_opened(folder):
    (folder / "demographics.csv").write_bytes(b"\xff\xff")
    assert read_roster(folder)


def test_a_missing_file_of_an_export_is_named(folder):
    (folder / "orgs.csv").unlink()
    assert refusal(folder) == "export: this OneRoster export lacks: orgs.csv"


def test_a_file_that_is_twice_in_a_zip_file_is_refused(tmp_path):
    assert refusal(zipped(tmp_path, EXPORT | {"old/users.csv": ""})) == "export.zip: users.csv is in it twice"


# adjustments


@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_adjustments_lie_beside_a_file(kind, request, tmp_path):
    path = request.getfixturevalue(kind)
    (tmp_path / "adjustments.csv").write_text(ADJUSTMENTS)
    assert read_roster(path).guardians[0].interpreter == "Polish"


def test_adjustments_lie_in_the_folder_of_an_export(folder):
    (folder / "adjustments.csv").write_text(ADJUSTMENTS)
    assert read_roster(folder).guardians[0].may_write


def test_adjustments_are_found_beside_a_file_of_the_working_folder(plain, monkeypatch):
    (plain.parent / "adjustments.csv").write_text(ADJUSTMENTS)
    monkeypatch.chdir(plain.parent)
    assert read_roster(Path("roster.csv")).guardians[0].may_write


def test_without_adjustments_nobody_has_one(folder):
    assert not read_roster(folder).guardians[0].may_write


# hostile and broken


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(roster_source, "MOST_BYTES", roster_source.MEGABYTE)
    path = zipped(tmp_path, EXPORT | {"users.csv": "a" * (roster_source.MEGABYTE + 1)})
    assert path.stat().st_size < 10_000
    assert refusal(path) == "users.csv: larger than 1 MB: this is no roster"


def test_a_zip_file_that_lies_about_its_size_is_refused_all_the_same(tmp_path):
    path = zipped(tmp_path, EXPORT)
    size = len(EXPORT["users.csv"].encode()).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (1).to_bytes(4, "little")))
    assert refusal(path).startswith("export.zip: this zip file cannot be read")


def test_a_zip_file_with_too_many_members_is_refused(tmp_path):
    assert refusal(zipped(tmp_path, {f"{number}.csv": "" for number in range(1_001)})) == (
        "export.zip: 1001 files are no OneRoster export"
    )


def test_a_damaged_zip_file_is_refused_in_words(archive):
    raw = bytearray(archive.read_bytes())
    raw[60:90] = bytes(30)
    archive.write_bytes(raw)
    assert refusal(archive).startswith("export.zip: this zip file cannot be read")


def test_a_zip_file_cut_short_is_refused_in_words(archive):
    archive.write_bytes(archive.read_bytes()[:200])
    assert refusal(archive).startswith("export.zip")


def test_an_encrypted_zip_file_is_refused_in_words(archive):
    raw = archive.read_bytes()
    flagged = raw.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    flagged = flagged.replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00")
    assert flagged != raw
    archive.write_bytes(flagged)
    assert refusal(archive).startswith("export.zip: this zip file cannot be read")


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_whatever_byte_of_a_zip_file_is_broken_it_is_read_or_refused(tmp_path, method):
    path = zipped(tmp_path, EXPORT, method)
    raw = path.read_bytes()
    for place in range(0, len(raw), 3):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 0xFF]) + raw[place + 1 :])
        with suppress(RosterError):
            read_roster(path)


def test_a_name_in_a_zip_file_that_is_not_what_it_says_is_refused_in_words(tmp_path):
    path = zipped(tmp_path, EXPORT | {"é": ""})
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))
    assert refusal(path).startswith("export.zip: this zip file cannot be read")


def test_a_path_that_is_not_there_is_refused_in_words(tmp_path):
    assert refusal(tmp_path / "nowhere.csv") == "nowhere.csv: cannot be read: No such file or directory"
