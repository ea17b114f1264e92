"""The questions for Moodle are what GIFT can read, and the right answers are marked."""

import re

import gift

TEXT = r"(?:\\[~=#{}:]|[^\\~=#{}:])+"  # the signs of GIFT are escaped
QUESTION = re.compile(rf"::([\w.]+)::{TEXT} {{(?:####{TEXT}|((?:[=~]{TEXT})+))}}")
# The right answers, apart from the key on the page.
KEY = "ccabccbbab"


def test_each_question_is_an_essay_or_has_one_right_answer():
    questions = [
        *gift.questions(),
        *(gift.essay("M0", f"Is a{sign}b?", f"No, b{sign}a.") for sign in "{=~#:}"),
    ]
    found = [QUESTION.fullmatch(question) for question in questions]
    assert all(found), questions[found.index(None)]
    assert len({match[1] for match in found}) == len(found) - 5, "a name stands for one question"
    lessons = {f"0{number}" for number in range(1, 10)}
    assert {match[1].partition(".")[0] for match in found} >= lessons, "each ends with questions"
    signs = [re.findall(r"(?<!\\)[=~]", match[2]) for match in found if match[2]]
    right = [["=" if letter == answer else "~" for letter in "abcx"] for answer in KEY]
    assert signs == right
