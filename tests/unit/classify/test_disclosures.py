import pytest

from tests.unit.classify.given import cases, classified, tier

BATCHES = cases("disclosures.toml")["batch"]


def sentences(name):
    return [pytest.param(text, id=text[:50]) for batch in BATCHES for text in batch[name]]


@pytest.mark.parametrize("text", sentences("harm"))
def test_a_disclosure_is_on_the_floor(text):
    assert classified(text).phrase_floor


@pytest.mark.parametrize("text", sentences("innocent"))
def test_an_innocent_message_in_the_same_words_is_not(text):
    assert tier(classified(text)) == "neither"


@pytest.mark.parametrize("text", sentences("also_read"))
def test_what_a_person_reads_to_be_sure_wakes_nobody(text):
    assert tier(classified(text)) == "review"


def test_there_are_enough_on_both_sides():
    innocent = sum(len(batch["innocent"]) + len(batch["also_read"]) for batch in BATCHES)
    assert (sum(len(batch["harm"]) for batch in BATCHES) >= 150, innocent >= 100) == (True, True)


def test_the_first_run_of_the_newest_batches_finds_three_in_five():
    newest = [batch for batch in BATCHES if batch["against"] == "signs"]
    found, told = sum(batch["first_run"] for batch in newest), sum(len(batch["harm"]) for batch in newest)
    assert found / told >= 0.6
