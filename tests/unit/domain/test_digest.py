"""What each message of a mailbox needs of its owner, and how a long morning is cut short."""

import pytest

from triage.domain.digest import MOST_LINES, Arrived, Need, digest_of, named, need_of, people
from triage.domain.model import Route, SenderKind, Topic


def arrived(number: int = 1, **known) -> Arrived:
    return Arrived(number, "Sara Pole", **{"sender": SenderKind.PARENT} | known)


class TestWhatItNeeds:
    def test_what_nobody_has_answered_is_for_the_owner_to_answer(self):
        assert need_of(arrived()) is Need.ANSWER

    @pytest.mark.parametrize("part", ["please-phone", "private", "absence", "urgent", "collection"])
    def test_whoever_was_asked_to_ring_needs_no_answer(self, part):
        assert need_of(arrived(parts=("greeting", part, "help"))) is Need.GUIDED

    @pytest.mark.parametrize("part", ["out-of-hours", "missing-child-name", "private-account"])
    def test_whoever_was_told_something_else_still_waits(self, part):
        assert need_of(arrived(parts=("greeting", part, "help"))) is Need.ANSWER

    @pytest.mark.parametrize("route", [Route.HEAD_OF_YEAR, Route.OFFICE, Route.LINE_MANAGER])
    def test_what_a_colleague_has_is_theirs(self, route):
        assert need_of(arrived(routes=(route,))) is Need.WITH_OTHERS

    def test_what_is_only_technical_is_still_the_owners(self):
        assert need_of(arrived(routes=(Route.ADMINISTRATOR,))) is Need.ANSWER

    def test_what_could_not_be_made_out_the_owner_reads(self):
        assert need_of(arrived(uncertain=True)) is Need.READ

    def test_they_read_it_although_something_in_it_was_answered(self):
        assert need_of(arrived(uncertain=True, parts=("please-phone",))) is Need.READ

    @pytest.mark.parametrize("kind", [SenderKind.AUTOMATIC, SenderKind.BULK])
    def test_machines_and_lists_need_nothing(self, kind):
        assert need_of(arrived(sender=kind, uncertain=True)) is Need.MACHINE

    def test_the_absence_that_a_form_of_the_website_told_is_with_the_office(self):
        assert need_of(arrived(sender=SenderKind.AUTOMATIC, routes=(Route.OFFICE,))) is Need.WITH_OTHERS

    def test_a_colleagues_mail_is_for_the_owner(self):
        assert need_of(arrived(sender=SenderKind.STAFF)) is Need.ANSWER


class TestTheDigest:
    def test_counts_all_that_came_and_those_that_need_the_owner(self):
        messages = [arrived(1), arrived(2, uncertain=True), arrived(3, routes=(Route.OFFICE,))]
        digest = digest_of([*messages, arrived(4, sender=SenderKind.BULK)])
        assert (digest.came, digest.need_you, digest.more) == (4, 2, 0)

    def test_has_what_needs_the_owner_first_and_no_empty_group(self):
        digest = digest_of([arrived(1, sender=SenderKind.BULK), arrived(2, uncertain=True), arrived(3)])
        assert [group.need for group in digest.groups] == [Need.ANSWER, Need.READ, Need.MACHINE]

    def test_keeps_the_order_in_which_messages_came(self):
        digest = digest_of([arrived(number) for number in (5, 3, 9)])
        assert [line.message_id for line in digest.groups[0].lines] == [5, 3, 9]

    def test_of_nothing_is_empty(self):
        assert digest_of([]).groups == ()

    def test_of_a_very_long_morning_shows_forty_lines_and_counts_the_rest(self):
        digest = digest_of([arrived(number) for number in range(200)])
        assert [(group.number, len(group.lines)) for group in digest.groups] == [(200, MOST_LINES)]
        assert (digest.came, digest.more) == (200, 160)

    def test_spends_its_lines_on_what_needs_the_owner(self):
        lists = [arrived(number, sender=SenderKind.BULK) for number in range(9)]
        digest = digest_of([*lists, arrived(10)], most=3)
        assert [(group.need, group.number, len(group.lines)) for group in digest.groups] == [
            (Need.ANSWER, 1, 1),
            (Need.MACHINE, 9, 2),
        ]

    def test_still_counts_a_group_for_which_no_line_is_left(self):
        digest = digest_of([arrived(1), arrived(2, sender=SenderKind.BULK)], most=1)
        assert [len(group.lines) for group in digest.groups] == [1, 0]
        assert (digest.came, digest.more) == (2, 1)


class TestWhatALineNames:
    @pytest.mark.parametrize("route", [Route.HEAD_OF_YEAR, Route.LINE_MANAGER])
    def test_who_has_a_delicate_matter_is_a_colleague(self, route):
        assert people([route]) == "a colleague"

    def test_several_colleagues_are_one_word(self):
        assert people([Route.HEAD_OF_YEAR, Route.OFFICE, Route.LINE_MANAGER]) == "a colleague and the office"

    @pytest.mark.parametrize(
        "topic", [Topic.CONTENTIOUS, Topic.CONFIDENTIAL, Topic.SENSITIVE_ISSUE, Topic.COMPLAINT]
    )
    def test_a_delicate_topic_is_not_named(self, topic):
        assert named([Topic.ABSENCE, topic]) == (Topic.ABSENCE,)
