"""Options and fixtures that all tests share."""

from collections import Counter

import pytest


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the slow tests too")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--slow"):
        return
    skip = pytest.mark.skip(reason="slow: say --slow to run it")
    for item in items:
        if item.get_closest_marker("slow"):  # not item.keywords: a folder may have that name
            item.add_marker(skip)


@pytest.fixture
def count_injections(record_property):
    """A function that counts outcomes of injections by their kind; the run says at its end how many there were."""

    def count(outcomes):
        for outcome in outcomes:
            record_property("injection", outcome.kind)
            yield outcome

    return count


def pytest_terminal_summary(terminalreporter):
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, ())]
    told = [each for report in reports if report.when == "call" for each in report.user_properties]
    found = Counter(value for key, value in told if key == "injection")
    if found:
        kinds = ", ".join(f"{found[kind]} {kind}" for kind in ("error", "not shown", "verdict", "crash"))
        terminalreporter.write_line(f"{found.total()} injections of NaN or infinity: {kinds}")
