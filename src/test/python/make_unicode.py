"""Records Unicode normalization forms as Python makes them: python make_unicode.py > ../resources/unicode.json"""

import json
import unicodedata

TEXTS = ['Caf\xe9',
         'Cafe\u0301',
         '\ufb01ne \u2460 \uff21',
         '\u1e9b\u0323',
         '\uac00\u11a8',
         '\xc5ngstr\xf6m\xc5',
         '\ufdfa',
         'na\xefve fa\xe7ade',
         '\u0130I',
         '\u65e5\u672c\u8a9e\u30ac',
         'a\u0315\u0300\u05aeb']


def no_accents(text):
    """As BERT's _run_strip_accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")


print(json.dumps([
    {"text": text,
     **{form: unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")},
     "NO_ACCENTS": no_accents(text)}
    for text in TEXTS], indent=1))
