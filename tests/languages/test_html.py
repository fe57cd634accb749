"""HTML: values in pages, read back by the parser of a browser engine."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from generator.languages import EncodeError
from generator.languages.site import ShapeError
from tests.conftest import rows
from tests.languages.helpers import HOLE, proves, refuses, render, shapes, sites

ANYTHING = ("it's", 'a "b" c', "<b>", "&lt;", "a b", "{{ a }}", "x--y", "a\nb", "1 < 2 > 1", "")
WORD = "zqz"

# Where only a word may stand, since a browser or a framework runs what is there.
CODE = (
    *(
        """<a onclick="location.href='•'">z</a>""",
        """<a onclick='x="•"'>z</a>""",
        "<a onclick=\"a\n='•'\">z</a>",
    ),
    *(
        '<a onclick="f(&#39;•&#39;)">z</a>',
        '<a onclick = "x=y; z=•">z</a>',
        "<a title=x onclick='a=\"b\" + •'>z</a>",
    ),
    *(
        '<a title=a"b onclick="•">z</a>',
        "<a title=a'b onclick='•'>z</a>",
        '<a/onclick="•">z</a>',
        '<a title=""onclick="•">z</a>',
    ),
    *(
        '<a title="x>y" onclick="•">z</a>',
        "<a = onclick='•'>z</a>",
        '<a ="b" onclick="•">z</a>',
        '<A ONCLICK="•">z</A>',
    ),
    f'<a title="{"x" * 5000}" onclick="{"f();" * 1000}•">z</a>',
    f"<a {'b=c ' * 2000} onclick='•'>z</a>",
    *(
        '<a title="•" onclick="x" onclick="•">z</a>',
        '<a style="x: •">z</a>',
        '<iframe srcdoc="<p>•</p>"></iframe>',
    ),
    *('<meta http-equiv=refresh content="0;url=•">', '<meta content="•" name=x http-equiv="refresh">'),
    "<META title='<' CONTENT='•' HTTP-EQUIV=refresh>",
    *(
        "<script>f('•')</script>",
        '<script type=application/json>{"a": "•"}</script>',
        "<style>a { b: • }</style>",
    ),
    *(
        "<!--> <script>f('•')</script> -->",
        "<!---> <script>'•'</script> -->",
        "<!-- --!> <script>'•'</script> -->",
    ),
    *("<title><!-- </title><script>'•'</script> -->", "<textarea><script></textarea><a onclick='•'>z</a>"),
    *("<xmp><!-- </xmp><script>'•'</script> -->", "<noembed><a title=\"</noembed><script>'•'</script>\">"),
    *("<!--[if IE]><script>'•'</script><![endif]-->", "<![if !IE]><script>'•'</script><![endif]>"),
    *(
        "<a href=\"javascript:f('•')\">z</a>",
        '<a href="java&#115;cript:f(•)">z</a>',
        '<a href=" java\nscript:•">z</a>',
    ),
    *(
        '<a href="java&Tab;script&colon;•">z</a>',
        '<a href="data:text/html,•">z</a>',
        '<iframe src="DATA:image/svg+xml,•"></iframe>',
    ),
    *("<svg><script>'•'</script></svg>", "<svg><style>a { b: • }</style></svg>", "<svg><![CDATA[•]]></svg>"),
    *(
        "<div x-data=\"{ a: '•' }\">z</div>",
        '<div :a="•" @click="•" #b="•">z</div>',
        '<div _="on click •">z</div>',
    ),
    *(
        '<svg><animate attributeName=href to="•"/></svg>',
        '<svg><set to="•" attributeName="xlink:href"/></svg>',
    ),
    '<svg><animate values="a;•" attributeName=href /></svg>',
)
# Where a value is text, whatever is around it.
TEXT = (
    *(
        "<p>•</p>",
        '<p title="•">z</p>',
        "<p title='x•'>z</p>",
        '<p title = "•"lang=x>z</p>',
        '<p title=`"><b>•</b>',
    ),
    *(
        "<p title=\"a=b onclick='•'\">z</p>",
        '<p title="<script>•">z</p>',
        "<p title='\"'><b>•</b>",
        '<p title=x" lang="•">z</p>',
    ),
    *(
        "<title>• <!-- </title><p>z",
        "<textarea><b title='•'></textarea>",
        '<meta name="a" content="•">',
        "<noscript>•</noscript>",
    ),
    *(
        "<script>if (a < b) f('<b>')</script><p>•</p>",
        "<script><!-- f() //--></script><p>•</p>",
        "<style>a > b {}</style>•",
    ),
    *(
        "<template><b>•</b></template>",
        "<!-- > --><p>•</p>",
        "<!doctype html '><p>•</p>",
        "<?php x ?><p>•</p>",
        "a < b <p>•</p>",
    ),
    *("<svg><title>•</title><style><![CDATA[a>b{}]]></style></svg>", "<svg/><script>'<b>'</script><p>•</p>"),
    *("<select><option>a<option>•</select><script>'<b>'</script>", "<input value='•' />"),
    *("<button aria-label='•' data-on='•'>z</button>", "<p data-onclick='•'>z</p>", "<b>•</b>"),
)
# The address of a link, and values that are no script and one that is.
LINKS = (
    (
        '<a href="•">z</a>',
        ("https://x/a?b=c&d", "/a", "mailto:a@b.c", "#a", ""),
        ("javascript:f", "data:text", "VBScript:x"),
    ),
    ('<a href="https://x/•">z</a>', ("a/b:c", "javascript:f"), ("a b", '"')),
    ('<a href="•://x/">z</a>', ("https",), ("javascript", "data:")),
    ('<a href="•:8080/x">z</a>', ("a.example.com",), ("javascript",)),
    ('<a href="•.example.com/x">z</a>', ("a", "https://a"), ("javascript:f",)),
    ('<a href="••">z</a>', ("/a",), ("javascript:",)),
    ('<a href="java•">z</a>', ("x",), ("script:f",)),
    ('<a href="•script:f">z</a>', (), ("java", "")),
    ('<a href="&#•;avascript:f">z</a>', (), ("106",)),
    ('<img src="data:image/png;base64,•">', ("iVBOR+/aw==",), ('"',)),
    ('<form action="•"><button formaction="•">', ("/a",), ("javascript:f",)),
    ('<object data="•"></object><embed src="•"><base href="•">', ("/a",), ("javascript:f",)),
    ('<svg><use xlink:href="•"/></svg>', ("#a",), ("javascript:f",)),
)
# What a browser and an older one, or one with scripts, read differently.
BROKEN = (
    *('<p title="•', "<p title='•>", "<!-- •", "<script>•", "<style>•", "<p •", "<title>•", "<![CDATA[ •"),
    *(
        '<svg><style><a title="</style><p>•">',
        '<noscript><p title="</noscript><b>•">',
        "<select><style><a></style>•</select>",
    ),
    *("<svg><![CDATA[ a > ]]>•</svg>", "<svg><script/>•</svg>", "<script><!-- <script>•</script>"),
)
FRAGMENTS = (
    *(
        "<p>",
        "</p>",
        "<b title=",
        '"',
        "'",
        "`",
        ">",
        "/>",
        "=",
        " = ",
        " onclick=",
        " href=",
        "&",
        "&#",
        "<",
        "</",
        "<!--",
        "-->",
        "--!>",
    ),
    *(
        "<script>",
        "</script>",
        "<style>",
        "</style>",
        "<title>",
        "</title>",
        "<textarea>",
        "</textarea>",
        "<xmp>",
        "</xmp>",
    ),
    *(
        "<svg>",
        "</svg>",
        "<select>",
        "</select>",
        "<option>",
        "<![CDATA[",
        "]]>",
        "<!x ",
        "<?",
        "<iframe>",
        "</iframe>",
        "<math>",
    ),
    *(
        "<noscript>",
        "</noscript>",
        "<template>",
        "</template>",
        "<pre>",
        "<plaintext>",
        "-",
        "!",
        "<foreignObject>",
        "<desc/>",
    ),
)


def tree(text: str) -> list[Any]:
    """Return what a browser makes of a page: its elements with their attributes, texts and comments."""
    root = LexborHTMLParser(f"<!doctype html><body>{text}").root
    assert root is not None
    return [
        (node.tag, node.attributes) if node.is_element_node else (node.tag, node.text_content or node.html)
        for node in root.traverse(include_text=True)
    ]


def given_instead(data: Any, value: str) -> Any:
    """Return data with the value for each WORD in it."""
    if isinstance(data, str):
        return data.replace(WORD, value)
    if isinstance(data, dict):
        return {key: given_instead(each, value) for key, each in data.items()}
    return [given_instead(each, value) for each in data] if isinstance(data, list | tuple) else data


def holds(shape: str, value: str) -> None:
    """Assert that a page with the value is that with a harmless word, but for the value."""
    count = shape.count(HOLE)
    expected = given_instead(tree(render("html", shape, *[WORD] * count)), value)
    found = given_instead(tree(render("html", shape, *[value] * count)), value)
    assert [each for each in found if each != ["-text", ""]] == [
        each for each in expected if each != ["-text", ""]
    ]


@rows("shape", CODE)
def test_what_is_run_takes_only_words(shape: str) -> None:
    for value in (
        "x');f('",
        'x";f("',
        "'",
        '"',
        "&#39;",
        "a(b)",
        "a=b",
        "</script>",
        "x\ny",
        "`",
        "javascript:a",
        "//",
    ):
        assert refuses("html", shape, *[value] * shape.count(HOLE))
    holds(shape, "a-1.5")


@rows("shape", TEXT)
def test_text_takes_any_value(shape: str) -> None:
    for value in ANYTHING:
        holds(shape, value)


@rows("shape, taken, refused", LINKS)
def test_a_link_takes_no_script(shape: str, taken: tuple[str, ...], refused: tuple[str, ...]) -> None:
    for value in taken:
        holds(shape, value)
    for value in refused:
        assert refuses("html", shape, *[value] * shape.count(HOLE))


@rows("shape", BROKEN)
def test_a_page_that_is_read_in_two_ways_takes_no_value(shape: str) -> None:
    with pytest.raises(ShapeError):
        sites("html", shape)


@rows("shape", ["<•>", "</•>", "<p •>", "<p •='x'>", "<p on•='x'>", "<p a•b>", "<!•>", "<? • ?>", "<h•>"])
def test_a_value_is_no_name(shape: str) -> None:
    assert "name of an element" in refuses("html", shape, "x")


def test_text_behind_a_less_than_sign_does_not_become_a_tag() -> None:
    assert render("html", "<script>for (i = 0; i<•;) {}</script>", 5)
    assert "would become a tag" in refuses("html", "<script><!-- i<• </script>", "script")
    assert refuses("html", "<script>'</•>'</script>", "script")
    assert refuses("html", "<title></•></title>", "title")


def test_text_without_entities_takes_no_tags() -> None:
    for name in ("xmp", "iframe", "noembed", "noframes", "plaintext"):
        assert "cannot hold <" in refuses("html", f"<{name}>•</{name}>", "a<b")
        holds(f"<{name}>•</{name}>", "a & \"b\" 'c' &lt; >")


def test_no_line_break_is_lost() -> None:
    for shape in ("<pre>•</pre>", "<textarea>•</textarea>", "<div v-if=a><pre>•</pre></div>"):
        assert "drops a line break" in refuses("html", shape, "\na")
        holds(shape, "a\n")
    assert refuses("html", "<pre>••</pre>", "", "\na")
    holds("<pre> •</pre>", "\na")


def test_a_framework_runs_no_value() -> None:
    for shape in ("<div v-if=a>•</div>", "<div ng-app></div><p title='•'>", "<a @click='x'>{•</a>"):
        assert "framework" in refuses("html", shape, "{{ f() }}")
    assert refuses("html", "<a @click='x'>{•</a>", "{ f() }}")
    assert render("html", "<p>{•</p>", "{ f() }}") == "<p>{{ f() }}</p>"


def test_a_comment_is_no_instruction_of_a_server() -> None:
    assert refuses("html", "<!--•-->", '#exec cmd="id"')
    assert render("html", "<!-- • -->", "#1 [a]") == "<!-- #1 [a] -->"


@pytest.mark.parametrize(
    ("kind", "shape", "value", "written"),
    [
        ("markdown", '<a title="x=\'y\'" href="/•">z</a>\n', "a", '<a title="x=\'y\'" href="/a">z</a>\n'),
        ("markdown", 'a <b title="x=\'•">z</b>\n', "'", 'a <b title="x=\'&#39;">z</b>\n'),
        (
            "xml",
            '<svg onload="f(•)"><a href="/•">•</a></svg>',
            "a",
            '<svg onload="f(a)"><a href="/a">a</a></svg>',
        ),
        ("xml", '<a onload="•" href="•">•</a>', "<", '<a onload="&lt;" href="&lt;">&lt;</a>'),
    ],
)
def test_other_languages_with_html(kind: str, shape: str, value: str, written: str) -> None:
    assert render(kind, shape, *[value] * shape.count(HOLE)) == written


@rows(
    "kind, shape",
    [
        ("markdown", "<a onclick=\"location.href='•'\">z</a>\n"),
        ("markdown", "a <a onclick=\"location.href='•'\">z</a>\n"),
        ("markdown", 'a <a href="javascript:f(•)">z</a>\n'),
        ("xml", '<svg xmlns="http://www.w3.org/2000/svg"><a onclick="location.href=\'•\'"/></svg>'),
        ("xml", "<svg><script>f('•')</script></svg>"),
        ("xml", '<svg:svg><svg:script><![CDATA[f("•")]]></svg:script></svg:svg>'),
        ("xml", '<svg><animate attributeName="href" to="•"/></svg>'),
        ("xml", '<svg><a href="javascript:f(•)"/></svg>'),
        ("xml", '<html><body onload="f(•)"/></html>'),
    ],
)
def test_other_languages_take_only_words_where_a_browser_runs_them(kind: str, shape: str) -> None:
    for value in ("'", '"', "a=b", "x)"):
        assert refuses(kind, shape, value)
    assert render(kind, shape, "web")


@proves
@given(
    shapes(*FRAGMENTS),
    st.one_of(
        st.sampled_from([*ANYTHING, "script", "-", ">", "\n", "</title>", "javascript:", "]]>"]),
        st.text("<>&\"'-=ab \n/!", max_size=5),
    ),
)
def test_no_value_changes_what_is_around_it(shape: str, value: str) -> None:
    try:
        holds(shape, value)
    except (EncodeError, ShapeError) as refused:
        assert str(refused)
