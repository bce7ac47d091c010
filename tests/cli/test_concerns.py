"""``aims concerns`` from a terminal."""


def test_a_concern_is_raised_listed_read_and_answered(aims, triage):
    aims("people", "add", "hanna", "Hanna")
    aims("people", "grant", "hanna", "concern_handler")

    said = aims("concerns", "raise", "It ranks by name.", "--system", triage, by="devi").stdout
    concern = said.partition(":")[0]

    assert concern in aims("concerns", "list", "--open", by="hanna").stdout
    assert "No concern is there" in aims("concerns", "list", by="olga").stdout
    assert "It ranks by name." in aims("concerns", "read", concern, by="hanna").stdout
    assert "concern_handler" in aims("concerns", "read", concern, by="olga", code=2).stderr
    assert "is answered" in aims("concerns", "answer", concern, "We see.", by="hanna").stdout
    assert "We see." in aims("concerns", "read", concern, by="devi").stdout
