"""The report is one file that asks for nothing outside and in which no name can run a script."""

from html.parser import HTMLParser

import pytest

from deadlight.view.report import Picture, Table, render_report, write_report

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "'><svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "javascript:alert(1)",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></p><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!--><script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "${7*7}",
    "<base href='http://evil/'>",
    "<link rel=stylesheet href=http://evil/x.css>",
    "<meta http-equiv=refresh content='0;url=http://evil'>",
    "<object data=http://evil>",
    "<embed src=http://evil>",
    "<form action=http://evil><button>",
    "<video src=x onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<style>@import 'http://evil'</style>",
    "<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '<IMG SRC="jav\tascript:alert(1);">',
    "<x onclick=alert(1)>",
    "' onmouseover='alert(1)",
    '" style="background:url(http://evil)',
    "<template><script>alert(1)</script></template>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<textarea></textarea><script>alert(1)</script>",
    "\u0000<script>alert(1)</script>",
    "<portal src=http://evil>",
]
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "h1", "p", "section", "b", "ul", "li", "h2", "h3", "div",
    "table", "tr", "th", "td", "figure", "img", "figcaption", "footer", "br",
}  # fmt: skip


class Audit(HTMLParser):
    """Collects every live element and attribute."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text = set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text.append(data)


def summary(name="crack"):
    return {
        "schema": 1, "deadlight": "0.1.0", "case": name, "case_hash": "0" * 16, "verdict": "NO_GO", "reasons": [name],
        "routes": {"credit": {"verdict": "NO_GO", "reason": name}, "no_credit": {"verdict": None, "reason": None}},
        "runs": [], "margins": [],
        "panes": [{"name": name, "role": "thermal", "state": "intact", "time_s": None, "peak_temperature_K": 1053.2,
                   "peak_tension_Pa": 1.2e7, "cause": name}],
        "cracks": [{"name": name, "pane": name, "case_type": "through", "state": "at_edge", "end_reason": name,
                    "time_s": 1.0, "K_over_KIc_max": 2.3, "time_of_max_s": 310.0, "a_m": None,
                    "two_c_m": 0.012, "numerical_error": 0.004}],
        "events": [{"time_s": 224.0, "altitude_m": 65e3, "what": name, "where": name}],
        "assumptions": [{"key": name, "value": name, "source": name, "status": "assumption", "decides": True}],
        "warnings": [name], "timings_s": {"heat": 3.0}, "provenance": {"solver": name},
    }  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_is_live(payload):
    picture = Picture(title=payload, data=b"\x89PNG fake", caption=payload, section=payload)
    html = render_report(summary(payload), pictures=[picture], tables=[Table(payload, [payload], [[payload]], payload)])
    audit = Audit()
    audit.feed(html)
    assert audit.tags <= ALLOWED, audit.tags - ALLOWED
    assert not [a for a in audit.attributes if a[1].startswith("on")]
    for tag, name, value in audit.attributes:
        if name in ("src", "href", "content"):
            assert value.startswith(("data:image/", "default-src", "width=device-width")), (tag, name, value)
    assert any(payload.strip("\x00").split()[0] in text for text in audit.text) or "\x00" in payload


def test_standalone_and_complete(tmp_path):
    path = write_report(
        tmp_path / "report.html", summary(), pictures=[Picture("K", b"<svg xmlns='http://www.w3.org/2000/svg'/>")]
    )
    html = path.read_text()
    assert "NO-GO" in html and "310" in html and "12" in html
    assert "http://" not in html and "https://" not in html
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
