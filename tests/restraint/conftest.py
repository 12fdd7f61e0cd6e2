from tests.acceptance.conftest import school, start_school, start_worded, worded

__all__ = ["school", "start_school", "start_worded", "worded"]
