"""Which subjects are one, whatever stands before them, and however a desk marks its references."""

import pytest

from inboxd.joining import thread_evidence


@pytest.mark.parametrize(
    "written",
    [
        "Re: Pump leaks [#48213-7]",
        "AW: Re: Pump leaks [DESK-48213-7]",
        "[Ticket #48213-7] Pump leaks",
        "Pump leaks T-48213-7",
        "Fwd: [list] Pump leaks 48213\u20137",
    ],
)
def test_a_reference_goes_with_all_of_its_mark(written: str):
    assert thread_evidence.base_subject(written) == "pump leaks"
    assert thread_evidence.same_subject(written, "Pump leaks")


def test_what_stands_beside_a_reference_stays():
    assert (
        thread_evidence.without_references("Pump [north] leaks [DESK-48213-7] (again)") == "Pump [north] leaks (again)"
    )
