"""The trained files: used only as they were built; what is wrong names the file and what to do."""

import json
from hashlib import sha256

import pytest

from triage.classify.artefact import ArtefactError, load, shipped

CARD = "card.json"
BUILT = ("network.onnx", "vocabulary.txt", "words.onnx", "familiar.json", "golden.json")


@pytest.fixture
def folder(tmp_path):
    """The shipped files, each by a link that a test may replace."""
    for file in shipped().iterdir():
        (tmp_path / file.name).symlink_to(file)
    return tmp_path


def replace(path, content: bytes):
    path.unlink()
    path.write_bytes(content)


def change_card(folder, change):
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    change(card)
    replace(folder / CARD, json.dumps(card).encode())


def refused(folder) -> str:
    """What is said of files that cannot be used."""
    with pytest.raises(ArtefactError) as caught:
        load(folder)
    return str(caught.value)


def test_the_shipped_files_are_those_that_were_built():
    assert load(shipped()).card


def test_golden_messages_are_shipped():
    assert load(shipped()).golden


@pytest.mark.parametrize("name", [CARD, *BUILT])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    assert str(folder / name) in refused(folder)


@pytest.mark.parametrize("name", BUILT)
def test_a_file_with_a_changed_byte_is_named(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    replace(folder / name, content)
    assert str(folder / name) in refused(folder)


@pytest.mark.parametrize("name", BUILT)
def test_a_file_that_was_cut_short_is_named(folder, name):
    replace(folder / name, (folder / name).read_bytes()[:-1])
    assert str(folder / name) in refused(folder)


@pytest.mark.parametrize("name", [CARD, *BUILT])
def test_it_is_said_what_to_do(folder, name):
    (folder / name).unlink()
    assert "Install the program again" in refused(folder)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b"7", b'"card"', b"null", b'{"files": []}']
)
def test_a_card_that_is_no_card_is_named(folder, content):
    replace(folder / CARD, content)
    assert str(folder / CARD) in refused(folder)


@pytest.mark.parametrize("key", ["files", "people", "machines"])
def test_a_card_that_lacks_a_part_is_named(folder, key):
    change_card(folder, lambda card: card.pop(key))
    assert str(folder / CARD) in refused(folder)


@pytest.mark.parametrize("who", ["people", "machines"])
def test_a_card_that_weighs_another_number_of_readers_is_named(folder, who):
    change_card(folder, lambda card: card[who]["weights"].update(absence=[0.0]))
    assert str(folder / CARD) in refused(folder)


@pytest.mark.parametrize("name", BUILT)
def test_a_card_that_does_not_vouch_for_every_file_is_named(folder, name):
    change_card(folder, lambda card: card["files"].pop(name))
    assert str(folder / CARD) in refused(folder)


@pytest.mark.parametrize("name", ["network.onnx", "words.onnx"])
def test_a_file_that_this_program_cannot_open_is_named(folder, name):
    replace(folder / name, b"made for another program")
    change_card(
        folder, lambda card: card["files"].update({name: sha256(b"made for another program").hexdigest()})
    )
    assert str(folder / name) in refused(folder)
