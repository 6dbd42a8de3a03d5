"""Every plugin's form as Streamlit draws it."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from alerts import registry as channels
from crawlers import registry as connectors

PLUGINS = [("connector", name) for name in connectors.CONNECTORS] + [("channel", name) for name in channels.CHANNELS]
STORED = {
    "webhook": {"url": {"secret": "channel/x/url"}, "secret": {"file": "/run/secrets/<b>key"}},
    "email": {"host": {"env": "SMTP_HOST"}, "password": {"secret": "channel/x/password"}, "ca_file": "/etc/ca.pem"},
}


def draw(schema, plugin, options):
    from config.i18n import translator
    from dashboard import fieldset
    from dashboard.draft import Draft
    from dashboard.form import fields_of

    for field in fields_of(schema):
        fieldset.draw(Draft(kind="channel", name="x"), field, plugin, options, translator("en"))


def drawn(registry, name, options):
    schemas = (connectors if registry == "connector" else channels).schemas()
    schema = json.loads(json.dumps(schemas[name]))
    return AppTest.from_function(draw, args=(schema, name, options)).run()


@pytest.mark.parametrize("plugin", PLUGINS, ids="-".join)
def test_every_plugin_s_form_can_be_drawn(plugin):
    app = drawn(*plugin, {})
    assert not app.exception
    assert not [box for box in app.text_input if "\\" in box.label], "labels are read out as they are"


def test_stored_secrets_and_references_are_told_but_never_shown():
    boxes = {box.label: box for box in drawn("channel", "webhook", STORED["webhook"]).text_input}
    assert [(label, box.value) for label, box in boxes.items()] == [("Address *", ""), ("Signing key *", "")]
    assert boxes["Address *"].placeholder == "stored; leave empty to keep it"
    assert boxes["Signing key *"].placeholder == "from the file /run/secrets/<b>key; leave empty to keep it"
    assert {box.proto.type for box in boxes.values()} == {boxes["Address *"].proto.PASSWORD}


def test_what_no_page_may_set_has_no_field():
    app = drawn("channel", "email", STORED["email"])
    labels = [box.label for box in app.text_input]
    assert "Certificate authority" not in labels
    assert "Password" in labels
    assert [box.label for box in app.checkbox] == ["Remove the stored value"]
    assert next(box for box in app.text_input if box.label == "Server *").placeholder.startswith("from the variable")


def test_what_is_left_empty_says_what_it_stands_for():
    app = drawn("connector", "pages", {"start": ["https://a.example"], "order": "oldest"})
    areas = {area.label: area.placeholder for area in app.text_area}
    assert areas["Further hosts"] == ""
    numbers = {box.label: box.placeholder for box in app.number_input}
    assert (numbers["Pages a visit"], numbers["Pause, in seconds"]) == ("500", "1.0")
    choices = {box.label: box for box in app.selectbox}
    assert choices["Preset"].value is None
    assert choices["Preset"].proto.placeholder == "None: by the selectors below"
    assert "phpBB" in choices["Preset"].options
    assert choices["Order of items"].value == "oldest"
    hints = " ".join(block.proto.body for block in app.get("html"))
    assert "Those that you leave empty come from it" in hints
