import pytest
from hypothesis import given
from hypothesis import strategies as st

from android_bench.transport.lines import Text


@given(st.text(), st.data())
def test_cut_anywhere(text, data):
    content, lines = text.encode(), []
    gathered, start = Text(lines.append), 0
    while start < len(content):
        end = data.draw(st.integers(start + 1, len(content)))
        gathered.feed(content[start:end])
        start = end
    assert gathered.end() == text
    assert lines == [line.removesuffix("\r") for line in text.split("\n")[:-1]]


@pytest.mark.parametrize(
    ("content", "text"), [(b"", ""), (b"a\xffb", "a\ufffdb"), (b"half \xc3", "half \ufffd")]
)
def test_what_is_not_utf8(content, text):
    gathered = Text()
    gathered.feed(content)
    assert gathered.end() == text
