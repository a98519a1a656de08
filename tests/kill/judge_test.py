"""That the judges of the kill loop object when a promise is broken."""

import types
import unittest

from kill_loop import judge, judge_order
import limit_loop


def target(*requests):
    """(seconds, number, execution, delivery, status)"""
    return types.SimpleNamespace(requests=[(at, n, run, 1, delivery, status) for at, n, run, delivery, status in requests])


class Judge(unittest.TestCase):
    def test_it_is_content_when_what_was_on_the_wire_is_repeated_after_a_kill(self):
        wrong, repeated = judge({1}, {1}, target((1.0, 1, "a", 1, 200), (1.3, 1, "a", 2, 200)), kills=[1.1])
        self.assertEqual((wrong, repeated), ([], 1))

    def test_it_misses_what_was_acknowledged_and_never_ran(self):
        self.assertEqual(len(judge({1}, {1}, target((1.0, 1, "a", 1, 500)), kills=[])[0]), 1)

    def test_it_sees_what_nobody_asked_for(self):
        self.assertEqual(len(judge(set(), set(), target((1.0, 1, "a", 1, 200)), kills=[])[0]), 1)

    def test_it_sees_a_repetition_without_a_kill_and_one_that_is_not_counted(self):
        wrong, _ = judge({1}, {1}, target((1.0, 1, "a", 1, 200), (1.3, 1, "a", 1, 200)), kills=[9.0])
        self.assertEqual(len(wrong), 2)


class JudgeOrder(unittest.TestCase):
    def test_it_is_content_with_one_after_the_other_and_with_a_head_that_is_repeated(self):
        calls = [(1, 1.0, 1.1), (2, 1.2, 1.3), (2, 1.25, 1.35), (3, 1.4, 1.5)]
        self.assertEqual(judge_order(calls, kills=[1.22]), [])

    def test_it_sees_who_was_overtaken(self):
        self.assertEqual(len(judge_order([(2, 1.0, 1.1), (1, 1.2, 1.3)], kills=[])), 1)

    def test_it_sees_two_at_once(self):
        self.assertEqual(len(judge_order([(1, 1.0, 1.3), (2, 1.2, 1.4)], kills=[5.0])), 1)


class JudgeLimit(unittest.TestCase):
    def wrong(self, runs, used, acknowledged=(1, 2), refused=1):
        publisher = types.SimpleNamespace(acknowledged=set(acknowledged), refused={402: refused} if refused else {})
        requests = target(*((1.0, number, execution, 1, 200) for number, execution in runs))
        return limit_loop.judge(publisher, requests, 2, {"used": used, "waiting": 0})

    def test_it_is_content_when_what_ran_is_counted_once_however_often_it_was_delivered(self):
        self.assertEqual(self.wrong([(1, "a"), (2, "b"), (2, "b")], used=2), [])

    def test_it_sees_more_than_the_plan_allows(self):
        self.assertEqual(len(self.wrong([(1, "a"), (2, "b"), (3, "c")], used=3, acknowledged=(1, 2, 3))), 2)

    def test_it_sees_a_count_that_is_not_what_ran_and_a_limit_that_nobody_reached(self):
        self.assertEqual(len(self.wrong([(1, "a"), (2, "b")], used=3)), 1)
        self.assertEqual(len(self.wrong([(1, "a"), (2, "b")], used=2, refused=0)), 1)

    def test_it_misses_what_was_accepted_and_never_ran(self):
        self.assertEqual(len(self.wrong([(1, "a"), (3, "b")], used=2)), 1)


if __name__ == "__main__":
    unittest.main()
