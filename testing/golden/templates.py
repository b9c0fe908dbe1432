"""Writes template/features.json: what transformers' own Jinja environment gives for small templates, each of which uses a part of
the language: the text or the error, and what generation blocks wrote. The day is fixed. Expressions stand alone, one a case.
"""

import datetime

import jinja2
from transformers.utils import chat_template_utils

import golden

DATE = "2025-03-07"


class Clock(datetime.datetime):
    """strftime_now at the first moment of the day."""

    @classmethod
    def now(cls, tz=None):
        return cls.fromisoformat(DATE)


chat_template_utils.datetime = Clock

MESSAGES = [
    {"role": "system", "content": "Be \"brief\" & <kind>."},
    {"role": "user", "content": "  Hi there\n"},
    {"role": "assistant", "content": "Yes — 漢字 😀!"},
    {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image"}]},
]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "add",
            "description": "Adds <two> numbers: it's 'simple'",
            "parameters": {
                "type": "object",
                "properties": {"a": {"type": "number", "default": 1.5}, "b": {"type": ["integer", "null"]}},
                "required": ["a", "b"],
            },
        },
    }
]
VARIABLES = {
    "n": 7,
    "neg": -7,
    "x": 2.5,
    "yes": True,
    "none_value": None,
    "word": "Hello World",
    "empty": "",
    "nums": [3, 1, 2, 1],
    "words": ["pear", "Apple", "fig", "apple"],
    "map": {"b": 1, "A": 2, "c": {"items": 5, "d": None}},
    "rows": [{"k": "x", "v": 1}, {"k": "Y", "v": 2}, {"k": "y", "v": 3}, {"v": 4}],
    "tree": [{"t": "a", "kids": [{"t": "b", "kids": []}, {"t": "c", "kids": [{"t": "d", "kids": []}]}]}],
    "bos_token": "<s>",
}

# Whole templates: tags, white space, scopes.
TEMPLATES = """
{% if n > 5 %}big{% elif n %}some{% else %}none{% endif %}
{% if empty %}a{% elif none_value %}b{% else %}c{% endif %}
{% for i in nums %}{{ i }},{% endfor %}
{% for i in [] %}x{% else %}nothing{% endfor %}
{% for i in nums if i > 1 %}{{ loop.index }}/{{ loop.length }}:{{ i }} {% endfor %}
{% for i in nums %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }};{% endfor %}
{% for i in nums %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}
{% for i in nums %}{{ loop.cycle('odd', 'even') }}{{ loop.changed(i) }} {% endfor %}
{% for k, v in map.items() %}{{ k }}={{ v }};{% endfor %}
{% for k, v in map|items %}{{ k }}={{ v }};{% endfor %}
{% for a, b in [[1, 2], [3]] %}{{ a }}{{ b }}{% endfor %}
{% for a, b in [[1, 2, 3]] %}{{ a }}{{ b }}{% endfor %}
{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for c in 'aé😀' %}[{{ c }}]{% endfor %}
{% for i in nums %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for i in nums %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}
{% for i in nums %}{% for j in nums %}{% if j == 1 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}{% endfor %}
{% for node in tree recursive %}{{ node.t }}{{ loop.depth }}{% if node.kids %}({{ loop(node.kids) }}){% endif %}{% endfor %}
{% for i in nums %}{{ loop(nums) }}{% endfor %}
{% for i in 5 %}{% endfor %}
{% for i in none_value %}{% endfor %}
{% for i in missing %}x{% endfor %}ok
{% set y = 1 %}{% for i in nums %}{{ y }}{% set y = i %}{% endfor %}{{ y }}
{% set ns = namespace(y=1) %}{% for i in nums %}{{ ns.y }}{% set ns.y = i %}{% endfor %}{{ ns.y }}
{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}{{ ns.c is defined }}
{% set map.z = 1 %}
{% set a, b = 1, (2, 3) %}{{ a }}{{ b }}
{% set s %}a{{ n }}{% endset %}[{{ s }}]
{% set s | upper | trim %} ab{{ n }} {% endset %}[{{ s }}]
{% if yes %}{% set z = 5 %}{% endif %}{{ z }}
{% with p = 1, q = n %}{{ p }}{{ q }}{% set w = 3 %}{% endwith %}{{ w }}{{ p }}
{% filter upper %}ab{{ word }}{% endfilter %}
{% filter replace('l', 'L') | trim %} hello {% endfilter %}
{% macro f(a, b=2, c=b) %}{{ a }}{{ b }}{{ c }}|{% endmacro %}{{ f(1) }}{{ f(1, 3) }}{{ f(c=9, a=0) }}{{ f() }}
{% macro f(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, 3, k=4) }}
{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}
{% macro f(a) %}{{ a }}{% endmacro %}{{ f(b=2) }}
{% macro f(**k) %}{% endmacro %}
{% macro f(a, b) %}{{ a }}-{{ b }}{% endmacro %}{{ f(*[1, 2]) }} {{ f(**{'a': 3, 'b': 4}) }} {{ f(5, **{'b': 6}) }}
{% macro f() %}<{{ caller() }}>{% endmacro %}{% call f() %}in {{ n }}{% endcall %}
{% macro f() %}<{{ caller(1, b=2) }}>{% endmacro %}{% call(a, b) f() %}{{ a }}{{ b }}{% endcall %}
{% macro f() %}{{ caller() }}{% endmacro %}{{ f() }}
{% macro fact(k) %}{{ 1 if k < 2 else k * (fact(k - 1) | int) }}{% endmacro %}{{ fact(10) }}
{% macro f() %}{{ later }}{% endmacro %}{% set later = 4 %}{{ f() }}
{% macro f() %}{{ i }}{% endmacro %}{% for i in nums %}{{ f() }}{% endfor %}
{% macro f() %}x{% endmacro %}{{ f is callable }}{{ f is defined }}{{ f.name }}
{% generation %}one{% endgeneration %} between {% generation %}two {{ n }}{% endgeneration %}
{% for m in messages %}{{ m.role }}:{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}|{% endfor %}
{%- for m in messages -%}{%- generation -%} {{ m.role }} {%- endgeneration -%} . {%- endfor -%}
{% generation %}{% set inside = 1 %}{% endgeneration %}{{ inside }}
{% raw %}{{ n }} {% if %} {# no #}{% endraw %}
a {%- raw -%} {{ n }} {%- endraw -%} b
{# a comment #}a{#- another -#} b {# x
y #}c
a
  {% if yes %}
  b
    {%- if yes %} c {% endif -%}
  d
  {% endif %}
e
  {{ n }}
  {{- n }}
  {{ n -}}
  f
   {%+ if yes %}g{% endif +%}
h
a{% if yes %}
b{% endif %}

c
{% print n %}
{% print word, n %}
{% include 'x' %}
{% import 'x' as y %}
{% extends 'x' %}
{% unknown %}
{% if yes %}open
{% endif %}
{% break %}
{{ }}
{{ n
{% set %}
{{ 'a' if }}
{{ [1, 2 }}
{{ f(a=1, 2) }}
{{ f(1)(2 }}
{{ n | nofilter }}
{{ n is notest }}
{{ raise_exception('No ' ~ word) }}
{{ messages | tojson }}
{{ tools | tojson }}
{{ tools | tojson(indent=2) }}
{{ tools[0] | tojson(indent=4, separators=(', ', ' : ')) }}
{{ tools[0].function | tojson(sort_keys=true, ensure_ascii=true) }}
{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>\\n' + m['content'] | string | trim + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}
{{ strftime_now('%Y-%m-%d') }}
{{ strftime_now('%d %b %Y, %B %A %a %j %y %m %H:%M:%S %I %p %% %e %-d %F %D %U %W %V %G %u %w') }}
{% if strftime_now is defined %}{{ strftime_now("%d %b %Y") }}{% endif %}
{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}{% set j = joiner('-') %}{{ j() }}x{{ j() }}y{{ j() }}
{% for m in messages | selectattr('role', 'equalto', 'user') %}{{ loop.index }}{{ loop.last }}{% endfor %}
{% if messages | selectattr('role', 'equalto', 'nobody') %}a generator is true{% endif %}
{% set seen = namespace(a=1) %}{% for i in nums if i != seen.a %}{{ i }}{% set seen.a = i %}{% endfor %}
""".strip("\n")

# Values: each line is the inside of {{ }}.
EXPRESSIONS = """
1 + 2 * 3 - 4
7 / 2
7 // 2
neg // 2
neg % 3
2 ** 10
2 ** -1
-n ** 2
7.0 // 2
-7.5 % 2
1e3
1e16
1e-5
0.1 + 0.2
1 / 3
100000000000000000000.0
123456789012345680.0
1_000
0x1f
0b101
0o17
1 + 2.0
true + true
10 / 0
10 % 0
'a' + 1
1 + 'a'
'a' + none
'a' + missing
missing + 1
[1] + [2]
(1,) + (2,)
[1] + (2,)
[1, 2] * 2
2 * 'ab'
'ab' * -1
'ab' * 1.5
'a' ~ 1 ~ none ~ true ~ 1.0 ~ missing ~ [1]
'%s and %d' % ('x', 3)
'%05.1f|%-4s|%4s|%+d' % (2.25, 'a', 'b', 3)
'%s' % 'one'
'%(k)s' % {'k': 1}
'%d' % 'x'
not none
not missing
1 < 2 < 3
1 < 3 < 2
1 == 1.0
true == 1
'a' < 'b'
'B' < 'a'
[1, 2] < [1, 3]
[1, 2] == [1, 2]
(1, 2) == [1, 2]
{'a': 1} == {'a': 1.0}
'a' < 1
none < 1
missing < 1
none == missing
missing == missing2
'a' in 'cat'
'A' in 'cat'
1 in 'cat'
2 in nums
9 not in nums
'b' in map
'b' in missing
'b' in none
not 2 in nums
1 and 0 or 'x'
empty or none or 'last'
n and word
yes if n else no
'a' if empty
('a' if empty) is defined
'a' if empty else 'b' if none else 'c'
(1, 2)
(1,)
()
[1, [2, (3,)], {'a': none}]
{'a': 'it\\'s', 'b': "q\\"q", 1: 2}
'both \\' and " quotes'
['both \\' and " quotes', 'new\\nline', 'tab\\t', 'back\\\\slash', 'é', '\\x00', '\\u200b', '😀']
'\\x41\\u00e9\\n\\101\\z'
'a' 'b'
nums[0]
nums[-1]
nums[9]
nums[9] is defined
nums['a']
nums[1:]
nums[:-1]
nums[::-1]
nums[::2]
nums[10:]
nums[1:3:0]
word[0]
word[-3:]
word[::-1]
'a😀b'[1]
'a😀b'[::-1]
'a😀b' | length
missing[0]
missing[1:]
missing.x
missing.x is defined
map.b
map['b']
map.zzz
map.zzz is defined
map.c.items is callable
map.c['items']
map.c.d
map.c.d.e
map.c.d.e.f
messages.0.role
messages[0].content
messages[-1].content[0].type
messages[0].role.upper()
none.x
none[0]
word.__class__
word.__class__.__mro__
word['__class__']
map.__class__ is defined
nums.append
nums.append(1)
map.update({'a': 1})
map.pop('b')
nums.sort is defined
word.upper().lower().title()
missing()
word()
nums.count(1)
nums.index(2)
nums.index(9)
map.keys()
map.values() | list
map.items() | list
map.get('b')
map.get('zz')
map.get('zz', 'dflt')
map.get('zz', default='dflt')
map.keys() | length
map.keys()[0]
range(3)
range(3) | list
range(1, 10, 3) | list
range(3, 0, -1) | list
range(0) | list
range(100001)
range(1, 2, 0)
dict(a=1, b=2)
dict([('a', 1)], b=2)
namespace(a=1).a
'  a b  '.strip()
'xxaxx'.strip('x')
'xxaxx'.lstrip('x')
'xxaxx'.rstrip('x')
'a,b,,c'.split(',')
'a,b,,c'.split(',', 1)
'a,b,,c'.rsplit(',', 1)
' a  b c '.split()
' a  b c '.split(none, 1)
' a  b c '.rsplit(maxsplit=1)
''.split()
''.split(',')
'a'.split('')
'a\\nb\\r\\nc\\n'.splitlines()
'a\\nb'.splitlines(true)
'a-b-c'.partition('-')
'a-b-c'.rpartition('-')
'abc'.partition('x')
'abc'.startswith('ab')
'abc'.startswith(('x', 'a'))
'abc'.startswith('b', 1)
'abc'.endswith('c')
'abc'.endswith('b', 0, 2)
'abcabc'.replace('b', 'XX')
'abcabc'.replace('b', 'XX', 1)
'abc'.replace('', '-')
'abcabc'.find('c')
'abcabc'.rfind('c')
'abc'.find('z')
'abc'.index('z')
'abcabc'.index('c', 3)
'aXbXc'.count('X')
'abc'.count('')
'-'.join(['a', 'b'])
'-'.join([1])
'hello wORLD'.capitalize()
'hello wORLD x2y'.title()
'Hello'.swapcase()
'ß'.upper()
'straße'.casefold()
'12'.isdigit()
''.isdigit()
'1a'.isalnum()
'ab'.isalpha()
' '.isspace()
'AB'.isupper()
'ab1'.islower()
'7'.zfill(3)
'-7'.zfill(4)
'a'.ljust(3) ~ '|'
'a'.rjust(3, '.')
'a'.center(4, '.')
'ab'.center(5, '.')
'abc'.removeprefix('a')
'abc'.removesuffix('c')
'{} {}'.format('a', 1)
'{1} {0} {k} {{}}'.format('a', 'b', k='c')
'{}'.format()
'x'.nomethod
'x'.nomethod()
nums | length
map | length
word | length
n | length
none | length
missing | length
nums | first
nums | last
[] | first
[] | last
'abc' | first
'abc' | last
nums | sum
rows | sum(attribute='v')
nums | sum(start=10)
nums | min
nums | max
[] | max
words | min
words | max(case_sensitive=true)
rows | max(attribute='v')
nums | sort
nums | sort(reverse=true)
words | sort
words | sort(case_sensitive=true)
rows[:3] | sort(attribute='k') | map(attribute='v') | list
rows[:3] | sort(attribute='k,v', reverse=true) | map(attribute='v') | list
rows | sort(attribute='k')
[1, 'a'] | sort
map | dictsort
map | dictsort(case_sensitive=true)
{'a': 2, 'b': 1} | dictsort(by='value')
{'a': 2, 'b': 1} | dictsort(reverse=true)
nums | unique | list
words | unique | list
nums | reverse | list
'abc' | reverse
nums | list
'abc' | list
map | list
nums | join
nums | join(', ')
rows | join(',', attribute='v')
words | map('upper') | list
words | map('replace', 'p', 'b') | list
rows | map(attribute='k') | list
rows | map(attribute='k', default='?') | list
messages | map(attribute='role') | join(' ')
rows | map(attribute='k.0') | list
words | map('nofilter') | list
nums | map() | list
nums | select('odd') | list
nums | select | list
nums | reject('gt', 1) | list
nums | select('in', [1, 2]) | list
rows | selectattr('k') | map(attribute='v') | list
rows | selectattr('k', 'defined') | map(attribute='v') | list
rows | selectattr('v', 'gt', 2) | list
rows | rejectattr('v', 'eq', 2) | map(attribute='v') | list
rows[:3] | groupby('k') | list
rows[:3] | groupby('k', case_sensitive=true) | map('first') | list
rows | groupby('k', default='none') | map('first') | list
[1, 2, 3, 4, 5] | batch(2) | list
[1, 2, 3, 4, 5] | batch(2, 0) | list
[1, 2, 3, 4, 5] | slice(2) | list
[1, 2, 3, 4, 5] | slice(3, 0) | list
word | upper
word | lower
'hello world-x (y)' | title
'hELLO' | capitalize
'  a ' | trim
'xax' | trim('x')
n | trim
word | replace('o', '0')
word | replace('o', '0', 1)
'a\\nb\\n\\nc' | indent
'a\\nb\\n\\nc' | indent(2, true)
'a\\nb\\n\\nc' | indent(2, blank=true)
'a\\nb' | indent('> ')
'hello big world' | truncate(9)
'hello big world' | truncate(9, true)
'hello big world' | truncate(9, true, '', 0)
'hello' | center(9)
word | wordcount
'%s-%s' | format(1, 'a')
'%(a)s' | format(a=1)
'3' | int
'3.7' | int
' 42 ' | int
'abc' | int
'abc' | int(-1)
'ff' | int(base=16)
3.9 | int
-3.9 | int
none | int
true | int
'1.5' | float
'abc' | float
3 | float
2.5 | round
3.5 | round
2.675 | round(2)
3 | round
2.1 | round(method='ceil')
2.19 | round(1, 'floor')
1234.5 | round(-2)
neg | abs
x | abs
none | default('d')
missing | default('d')
missing | d
'' | default('d', true)
missing.x | default('d')
word | string
n | string + 'x'
[1] | string
'<a href="x">' | e
'<b>' | safe
map | items | list
missing | items | list
nums | items | list
none | upper
missing | upper
('a' | attr('upper'))()
map | attr('b')
map | tojson
'é<>&\\'"\\n\\u2028' | tojson
'é😀\\x7f' | tojson(ensure_ascii=true)
[1, 1.0, 1e20, true, none, 'x', [], {}] | tojson
{1: 2, none: 3, false: 4, 2.5: 5} | tojson
(1, 2) | tojson
{'b': 1, 'a': [1, {'z': 2}]} | tojson(indent=2, sort_keys=true)
{'b': 1} | tojson(separators=(',', ':'))
missing | tojson
range(2) | tojson
map.keys() | tojson
n is defined
missing is defined
missing is not defined
missing is undefined
none is none
none_value is none
missing is none
n is number
x is number
yes is number
yes is boolean
n is integer
yes is integer
x is float
word is string
n is string
map is mapping
nums is mapping
nums is iterable
word is iterable
n is iterable
nums is sequence
map is sequence
n is sequence
missing is sequence
map.keys() is sequence
raise_exception is callable
n is callable
n is odd
n is even
n is divisibleby 7
n is divisibleby(3)
n is eq 7
n is equalto 7
n is ne 7
n is gt 5
n is ge(7)
n is lt 5
n is le 7
n is in nums
3 is in nums
1 is sameas 1
none is sameas none
true is sameas true
yes is true
yes is false
n is true
'ab' is lower
'AB' is upper
'upper' is filter
'zzz' is filter
'odd' is test
'zzz' is test
n is not none and n is odd
not n is odd
word is string or n
n is odd is even
word is startswith 'H'
n | string is string
(n | string) ~ '!'
n | float | string
[n, x] | map('int') | sum
loop
caller
varargs
_x
True and not False
None is none
messages[1].content.strip().split()[0] | upper ~ '!'
tools[0]['function']['parameters']['properties'].keys() | join(',')
(messages | length) - 1
messages | selectattr('role', 'equalto', 'system') | first
messages | selectattr('role', 'equalto', 'system') | list | length
(messages | selectattr('role', 'equalto', 'system')) | length
(nums | map('string'))[0]
1 if true else 2 | upper
'a' * 3 ~ 'b'
[1, 2, 3][1] + {'a': 4}['a']
[1, 2, 3].1
- 3 | abs
2 + 3 | string
n == 7 and 'x' in 'xyz' or none
""".strip("\n")


def cases():
    whole, buffer = [], []
    for line in TEMPLATES.split("\n"):
        buffer.append(line)
        text = "\n".join(buffer)
        # Templates of several lines are those below, by their first line.
        if any(text == start or (text + "\n").startswith(start + "\n") for start in OPEN) and text not in CLOSED:
            continue
        whole.append(text)
        buffer = []
    assert not buffer, buffer
    return whole + ["{{ " + line + " }}" for line in EXPRESSIONS.split("\n")]


OPEN = ["{# a comment #}a{#- another -#} b {# x", "a", "a{% if yes %}"]
CLOSED = {
    "{# a comment #}a{#- another -#} b {# x\ny #}c",
    "a\n  {% if yes %}\n  b\n    {%- if yes %} c {% endif -%}\n  d\n  {% endif %}\ne\n  {{ n }}\n  {{- n }}\n  {{ n -}}\n  f\n"
    "   {%+ if yes %}g{% endif +%}\nh",
    "a{% if yes %}\nb{% endif %}\n\nc",
}


def render(template):
    """What transformers gives: text and the spans of generation blocks in code points, or its error."""
    try:
        texts, spans = chat_template_utils.render_jinja_template(
            conversations=[MESSAGES],
            tools=TOOLS,
            chat_template=template,
            return_assistant_tokens_mask=True,
            add_generation_prompt=True,
            **VARIABLES,
        )
    except Exception as error:  # what a template raises is part of the case
        return {"error": type(error).__name__, "message": str(error)}
    assert " at 0x" not in texts[0], template
    case = {"text": texts[0]}
    if spans[0]:
        case["spans"] = spans[0]
    return case


def main():
    golden.VERSIONS["jinja2"] = jinja2.__version__
    variables = {**VARIABLES, "messages": MESSAGES, "tools": TOOLS, "documents": None, "add_generation_prompt": True}
    golden.write(
        "template/features.json",
        {
            "date": DATE,
            "variables": variables,
            "cases": [{"template": template, **render(template)} for template in cases()],
        },
    )


if __name__ == "__main__":
    main()
