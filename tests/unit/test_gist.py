"""The line that a person would write down of a message."""

import pytest

from inboxd.gist import gist


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("fax server is down since this morning", "fax server is down since this morning"),
        ("The fax server is down.", "The fax server is down"),
        (
            (
                "Hi, this is Operations from Acme Widgets. Our fax server is down since this morning. Please call me "
                "back at 952-555-0142. Thank you."
            ),
            "Our fax server is down since this morning",
        ),
        # As a recogniser writes it that puts no stops.
        (
            (
                "hi this is operations at acme widgets our fax server is down since this morning please call me back "
                "at nine five two five five five zero one four two"
            ),
            "our fax server is down since this morning",
        ),
        (
            (
                "Hello, my name is Front Desk, I'm calling from Borealis Foods because none of our phones work. Can "
                "you please call us back? The number is 952 555 0199."
            ),
            "none of our phones work",
        ),
        (
            "Good morning. It's the front desk at Acme. I'm calling about ticket 48213-7. It jams again.",
            "It jams again",
        ),
        ("My number is 952 555 0142. Our VPN is down.", "Our VPN is down"),
        ("This is urgent! Our whole network is down.", "Our whole network is down"),
        ("So, I'm calling because, uh, the, uh, phone in room two is dead.", "the phone in room two is dead"),
        (
            (
                "We had a power outage and now two of our servers don't come up again, the domain controller and the "
                "file server, and we need somebody on site."
            ),
            "We had a power outage and now two of our servers don't come up …",
        ),
        ("From Minneapolis to St. Paul all lines are down.", "From Minneapolis to St. Paul all lines are down"),
        # What only looks like a name or a greeting says what is the matter.
        ("It is raining into the server room.", "It is raining into the server room"),
        ("I'm locked out of my account.", "I'm locked out of my account"),
        ("I'm in the server room and it smells like smoke", "I'm in the server room and it smells like smoke"),
        ("this is my third voicemail and nobody called", "this is my third voicemail and nobody called"),
        ("We are account number four seven one one.", "We are account number four seven one one"),
        # Nothing but what stands beside the matter: as it is.
        ("Please call me back at 952 555 0142.", "Please call me back at 952 555 0142"),
        ("Thank you.", "Thank you"),
        ("Hello?", "Hello?"),
        ("Bonjour, notre serveur de fax est en panne.", "Bonjour, notre serveur de fax est en panne"),
        ("", ""),
        ("  \n ", ""),
    ],
)
def test_a_line_says_what_the_matter_is(words: str, line: str) -> None:
    assert gist(words) == line


@pytest.mark.parametrize(
    "word", ["hi ", "this is a ", "uh, ", "please ", "I'm calling from ", "my number is ", "a", "1 ", ", "]
)
def test_a_caller_who_repeats_himself_gets_one_line(word: str) -> None:
    # Quadratic patterns would not come to an end here.
    line = gist(word * 50_000)
    assert "\n" not in line
    assert len(line.split()) <= 15


@pytest.mark.parametrize(
    "words",
    [
        "Um acht Uhr ist der Server ausgefallen",
        "Er ist kaputt. Um acht Uhr war er noch da",
        "Hallo, ich bin am Verzweifeln, der Server ist tot",
        "So ein Mist, der Drucker geht nicht",
        "Um pedido urgente: o servidor de fax parou de funcionar",
        "Hola, buenos días, soy Ana. No funciona el fax",
        "Oh là là, le fax est mort",
        "Er is hier een probleem met de fax",
        "お電話ありがとうございます。ファックスが動きません。",
    ],
)
def test_of_another_language_not_a_word_is_left_out(words: str) -> None:
    assert gist(words) == words


def test_a_long_message_in_another_language_is_cut_where_a_line_ends() -> None:
    assert gist("Guten Tag, hier ist Anna Muster. Unser Faxserver ist seit heute früh um acht Uhr ausgefallen.") == (
        "Guten Tag, hier ist Anna Muster. Unser Faxserver ist seit heute früh um acht …"
    )
    assert len(gist("ファックスが動きません。" * 100)) < 150


def test_the_er_of_a_hospital_is_no_hesitation() -> None:
    assert gist("The ER is offline, and our ERM is down.") == "The ER is offline, and our ERM is down"
    assert gist("Um, the server is, er, down.") == "the server is down"
