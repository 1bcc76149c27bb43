"""Golden results of small templates, by jinja2 as transformers sets it up for chat templates.

Made with transformers 5.24.0, jinja2 3.1.6, Python 3.11. Run from the repository's root:
    python tools/golden/jinja.py
Writes core/src/test/resources/golden/jinja.json: the variables, then each template with its text, null where it fails.

    python tools/golden/jinja.py COUNT SEED OUT.json
writes as many random templates instead, to be compared by hand (io.quarry.jinja.CompareSnippets among core's tests).
"""
import copy
import datetime
import json
import random
import signal
import sys
from pathlib import Path

import transformers.utils.chat_template_utils as templates

OUT = Path("core/src/test/resources/golden/jinja.json")
NOW = datetime.datetime(2026, 3, 5, 14, 7, 9)


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


templates.datetime = Clock

VARIABLES = {
    "s": "  Hello, wörld! It's <b>\"fine\"</b> & 東京 😀  ", "w": "one two-three (four) [five] FOUR", "e": "", "d": "12", "f": "3.5e2",
    "lines": "a\nbb\r\nccc\n\n  d\x0be", "i": 7, "n": -3, "z": 0, "x": 2.5, "y": -0.1, "big": 12345678901234567890, "huge": 1e20,
    "t": True, "no": False, "none_": None, "l": [3, 1, 2], "ls": ["b", "A", "c", "a"], "mixed": [1, "x", None, True, 2.0, [1], {"k": "v"}],
    "empty": [], "m": {"b": 1, "A": 2, "c": None, "items": "I"}, "em": {},
    "people": [{"name": "Zed", "age": 30, "city": "Rome", "tags": ["x"]}, {"name": "amy", "age": 25, "city": "rome"},
               {"name": "Bob", "age": 30, "city": "Paris", "tags": []}],
}

# White space around tags.
SPACES = [
    "a\n{% if t %}\nb\n{% endif %}\nc\n", "a\n  {% if t %}  \nb\n  {% endif %}\nc", "a {%- if t -%} b {%- endif -%} c",
    "a\n  {%+ if t %}\nb{% endif +%}\nc", "{# x #}\na {# y #}\nb\n  {# z #}\nc {#- w -#} d\n{#+ v +#}\ne", "{{ 1 }}\n{{ 2 }}\n\n", "  {{ 1 }}\n  {{- 2 -}}\n  3",
    "x{% raw %} {{ no }} {% if %} {% endraw %}\ny", "x\n  {%- raw -%}  a {{ b }} {%- endraw -%}  y", "\r\na\rb\r\n{% if t %}\r\nc{% endif %}\r\n",
    "{% for a in l %}\n  {{ a }}\n{% endfor %}\nend", "{% for a in l -%}\n  {{ a }}\n{%- endfor %}\nend", "  \t{% set q = 1 %}\n{{ q }}", "a\u00a0\n\u2003{% if t %}b{% endif %}",
    "{{ '}}' }}{{ \"%}\" }}{{ {'a': {'b': 1}}}}", "{{'a'}}{%if t%}{{'b'}}{%endif%}", "{ {{ 1 }} } {% if t %}%}{% endif %} #} {#}#}", "{{- 'a' }}  {{+ 1 }}", "{%- if t %} x {% endif -%} ",
    "a\n\n{%- if t %}\n\nb\n{%- endif %}\n\n", "{% if t %}{% if t %}\n{% endif %}\n{% endif %}\nx", "  {# a #}  {# b #}\nx", "{{ 1 -}} \n {{ 2 }}", "a{{ '\n' }}\n", "a\n\n", "\n", "\n\n", "",
]
# Literals and operators.
EXPRESSIONS = """
1 + 2 * 3 - 4 // 3 | 1|7 / 2|-7 // 2|7 % 3|-7 % 3|7 % -3|7.5 % 2|-7.5 // 2|2 ** 10|2 ** -1|2 ** 3 ** 2|-2 ** 2|1e3|1_000 + 0x1f + 0b11 + 0o17|1.5e-7|.5|10 / 4
1 / 0|1 // 0|1 % 0|big + 1|big * big|huge|huge * 10|1e16|1e15 + 0.5|0.1 + 0.2|1e-5|100000.0|x|y|-0.0|1.0|3 * 1.0|True + 1|t + t|-t|+no|9007199254740993 * 1.0|2 ** 100|2.0 ** 0.5
'a' ~ 1 ~ none ~ true ~ [1, 'x'] ~ {'a': 1}|'a' 'b'|"a\\nb\\t\\x41\\u00e9\\U0001f600\\q\\\\q"|'it\\'s'|'%s and %d' % ('x', 3)|'%5.2f|%-5d|%05d|%x|%e|%g|%%' % (x, 3, 42, 255, 12345.678, 0.0001)|'%s' % l|'%(a)s' % {'a': 1}|'%r' % 'q'|'%s %s' % 'a'|'%d' % 'a'
'ab' * 3|3 * 'ab'|'a' * -1|[1, 2] * 2|(1, 2) * 2|[1] + [2]|(1,) + (2,)|[1] + (2,)|'a' + 1|1 + 'a'|'a' - 'b'|none + 1|undefined_ + 1|l + 'a'
1 < 2 < 3|1 < 2 > 3|1 == 1.0|1 == true|'a' == 'a'|'a' < 'b'|'a' < 1|[1, 2] < [1, 3]|(1, 2) == [1, 2]|{'a': 1} == {'a': 1.0}|none == false|1 != 2|'Z' < 'a'|'\\uffff' < '😀'|none < 1|[1] == [1, 2]|undefined_ == undefined_|undefined_ == none
'a' in 'abc'|'' in 'abc'|1 in [1, 2]|true in [1]|'b' in m|'q' not in m|1 in 'abc'|1 in 5|'x' in undefined_|none in [none]|2 in (1, 2)|'a' in people[0]|3 in range(5)|not 1 in [1]|not true|not e|not not l
1 if t else 2|1 if no|(1 if no) is defined|1 if no else 2 if no else 3|t and 'yes'|e or 'no'|e and 1|z or e or l or 5|t and no or 'z'|not t or 5|1 and 2 and 0|none or false
[]|[1, 'a', none, true, 1.5, [], {}, (), (1,), (1, 2)]|{}|{'a': 1, 2: 'b', none: true}|()|(1,)|(1)|1, 2|[1, 2,]|{'a': 1,}|{'it\\'s': "q\\"q", 'b': 'it\\'s "both"'}|['\\n\\t\\x00\\x7f\\u200b\\u00a0é😀\\\\']
l[0]|l[-1]|l[5]|l[1:]|l[:2]|l[::-1]|l[::2]|l[-2:]|l[5:]|l[:-1]|l[1:0]|l[true]|s[2:7]|s[-4]|s[::-1]|'a😀b'[1]|'a😀b'[::-1]|'a😀b'[1:2]|'😀😀'|length|'abc'[5]|'abc'[1:100]|'abc'[-100:2]|(1, 2, 3)[1:]|l['a']|l[0:2:0]|m[1:2]|none[0]|none.x|undefined_[0]|undefined_.x|5[0]|l[none]|l[x]
m.b|m['b']|m.q|m['q']|m.q.r|m.items|string|length > 0|m['items']|m.A|people[0].name|people[0]['tags'][0]|people.0.name|l.0|m.__class__|s.__class__|s.__class__.__mro__|''.__class__.__base__.__subclasses__()|m.get('b')|m.get('q')|m.get('q', 5)|m.get(none)|m.get([])|m.keys()|m.values()|m.items()|m.items()|list|m.keys()|list|length|em.items()|list|m.copy()|m.update({'a': 1})|l.append(1)|l.append|l.append is defined|l.count(1)|l.index(2)|l.index(9)|(1, 2).count(2)|m.pop('b')|'abc'.foo|'abc'['upper']()|m.b.c|l.sort()
range(3)|range(3)|list|range(1, 10, 3)|list|range(5, 0, -2)|list|range(0)|list|range(3)[1]|range(10)[2:4]|list|range(3)|length|range(100001)|range(1, 2, 0)|range('a')|range(3) == range(3)|dict(a=1, b='x')|dict([('a', 1)])|dict(m, z=3)|namespace(a=1).a|namespace(a=1).b|namespace(a=1)['a']|namespace({'a': 2}).a|namespace(_a=1)|cycler(1, 2).next()|joiner('-')() ~ 'x'|dict|length|range(2, none)
undefined_|undefined_ is defined|undefined_|default('d')|undefined_|length|undefined_|list|undefined_|string|undefined_|trim|undefined_|join|undefined_|tojson|undefined_|int|undefined_|upper|undefined_|first|undefined_|last|undefined_|items|list|undefined_()|undefined_ ~ 'x'|undefined_ is iterable|undefined_ is sequence|undefined_ is mapping|undefined_ is string|undefined_ is none|undefined_ < 1|undefined_[1:]|-undefined_|undefined_|map('upper')|list|undefined_|dictsort|undefined_|abs|undefined_|round|'%s' % undefined_|undefined_|sort|undefined_|sum|undefined_|replace('a', 'b')|undefined_|e|[undefined_]|undefined_ is callable
raise_exception('no')|raise_exception()|strftime_now('%Y-%m-%d %H:%M:%S %A %a %B %b %j %p %I %y %% %e %d/%-d/%-m %F %T %D %c %U %W %w %u %V %G %R %h')|strftime_now('é %d')|strftime_now(1)|lipsum_|s.format_map|nothing()|t()|l(1)|none()|5 is callable|range is callable
"""
FILTERS = """
s|trim|s|trim|length|'xxaxx'|trim('x')|none_|trim|5|trim|s|upper|s|lower|'ßﬁ İ Σας'|upper|'ΑΣ İ'|lower|w|title|w|capitalize|'éa ÉB'|capitalize|'ß'|capitalize|none_|upper|w|replace('o', '0')|w|replace('o', '0', 1)|w|replace('', '-', 3)|'abc'|replace('', '-')|i|replace('7', '8')|w|replace('x')
s|length|l|length|m|length|i|length|none_|length|'a😀'|count|w|wordcount|'a_b c-d é'|wordcount|l|first|l|last|empty|first|empty|last|e|first|'abc'|last|'abc'|first|m|first|m|last|range(3)|last|5|first
l|join|l|join(', ')|mixed|join('|')|people|join(', ', attribute='name')|'abc'|join('-')|m|join(',')|l|join(1)|5|join|[[1, 2], [3]]|join|people|map(attribute='age')|join(' ')
l|sort|ls|sort|ls|sort(case_sensitive=true)|ls|sort(reverse=true)|l|sort(true)|mixed|sort|people|sort(attribute='age')|map(attribute='name')|list|people|sort(attribute='age,name')|map(attribute='name')|list|people|sort(attribute='name', reverse=true)|map(attribute='name')|list|m|sort|'hello'|sort|['b', 'B', 'a']|sort|[[2, 1], [1, 5]]|sort|[none, 1]|sort
m|dictsort|m|dictsort(true)|m|dictsort(false, 'value')|em|dictsort|l|dictsort|{'b': 2, 'a': 1}|dictsort(by='value', reverse=true)|m|dictsort(by='x')|m|items|list|l|items|m|list|m|tojson|mixed|tojson|mixed|tojson(indent=2)|m|tojson(sort_keys=true)|s|tojson|s|tojson(ensure_ascii=true)|em|tojson(indent=4)|[[], {}, [1]]|tojson(indent=1)|(1, 2)|tojson|huge|tojson|x|tojson|1e-7|tojson|big|tojson|none|tojson|{1: 2, none: 3, false: 4, 1.5: 6}|tojson|range(3)|tojson|m.items()|tojson|l|map('string')|tojson|mixed|tojson(separators=(',', ':'))|mixed|tojson(indent='--')|mixed|tojson(indent=0)|'\\u2028\\x7f\\x1f'|tojson|['é😀\\x7f']|tojson(ensure_ascii=true)|namespace(a=1)|tojson|mixed|tojson(2)|mixed|tojson(false, 2)
d|int|f|int|'x'|int|'x'|int(5)|'0x1f'|int(0, 16)|'ff'|int(base=16)|'1f'|int|x|int|y|int|t|int|none_|int|'12.9'|int|' 12 '|int|'1_000'|int|big|int|l|int|'-7'|int|'inf'|int|'1e5'|int|d|float|f|float|'x'|float|'x'|float(1.5)|i|float|none_|float|'nan'|float|' -1.5e3 '|float|'1_0.5'|float|e|float|e|int
n|abs|y|abs|'a'|abs|x|round|2.675|round(2)|2.5|round|3.5|round|-2.5|round|42.55|round(1, 'floor')|42.51|round(1, 'ceil')|i|round|i|round(2)|15|round(-1)|25|round(-1)|1234.5|round(-2)|x|round(method='x')|7|round(0, 'floor')|'a'|round|l|sum|l|sum(start=10)|people|sum(attribute='age')|empty|sum|ls|sum|[[1], [2]]|sum(start=[])|[1.5, 2]|sum
l|min|l|max|ls|min|ls|max|ls|max(case_sensitive=true)|empty|min|people|max(attribute='age')|string|mixed|max|'hello'|max|l|reverse|list|s|reverse|m|reverse|list|range(3)|reverse|list|l|reverse|first|5|reverse|(1, 2)|reverse|list
l|map('string')|list|people|map(attribute='name')|list|people|map(attribute='tags.0', default='none')|list|people|map(attribute='zzz')|list|ls|map('upper')|join|ls|map('replace', 'b', 'q')|list|l|map|people|map('length')|list|l|map('zzz')|list|people|map(attribute='name')|map('lower')|sort|list|people|map('attr', 'items')|first is callable|l|map('default', 5)|list
l|select('odd')|list|l|select('>', 1)|list|l|reject('odd')|list|mixed|select|list|mixed|reject|list|people|selectattr('age', 'equalto', 30)|map(attribute='name')|list|people|selectattr('tags')|map(attribute='name')|list|people|rejectattr('tags')|map(attribute='name')|list|people|selectattr('tags', 'defined')|list|length|people|rejectattr('city', 'in', ['Rome', 'Paris'])|list|length|people|selectattr|l|select('zzz')|list|l|select('divisibleby', 3)|list|mixed|select('string')|list|mixed|select('none')|list|l|select('in', [1, 2])|list|(l|select('odd')) is defined|l|select('odd') and 'x'|(empty|select) and 'x'|l|select('odd')|length|people|selectattr('name', 'ne', 'Bob')|map(attribute='name')|join(',')
ls|unique|list|[1, 1.0, 2, 1]|unique|list|people|unique(attribute='city')|map(attribute='name')|list|['a', 'A']|unique(true)|list|[[1], [1]]|unique|list|[1, none, none]|unique|list|people|groupby('city')|people|groupby('age')|map('first')|list|people|groupby('city')|map(attribute='grouper')|list|people|groupby('city')|map(attribute='list')|map('length')|list|people|groupby('tags', default=[])|length|people|groupby('city', case_sensitive=true)|map('first')|list
range(7)|batch(3)|list|range(7)|batch(3, 'x')|list|range(7)|slice(3)|list|range(7)|slice(3, 'x')|list|empty|batch(2)|list|l|slice(0)|list|l|slice(5, 0)|list|l|list is sequence|'abc'|list|m|list|5|list|none|list|s|string|i|string|l|string|m|string|none|string|t|string|mixed|string|(1,)|string
lines|indent|lines|indent(2)|lines|indent(2, true)|lines|indent(2, true, true)|lines|indent('>')|lines|indent(width=1, blank=true)|e|indent(2, true)|i|indent|'a\\n'|indent(2)|w|truncate(10)|w|truncate(10, true)|w|truncate(10, false, '…', 0)|w|truncate(2)|'short'|truncate|w|truncate(length=20, leeway=0)|w|center(50)|'ab'|center(5)|'abc'|center(6)|'%s-%s'|format(1, 'b')|'%(a)s'|format(a=3)|'%d'|format('x')|'%s'|format
e|default('d')|e|default('d', true)|none_|default('d')|none_|default('d', true)|none_|d('x', boolean=true)|m.q|default|m.q.r|default('x')|z|default(5, true)|s|urlencode|m|urlencode|[('a', 'ü b'), ('c', 1)]|urlencode|'a/b c?d&e'|urlencode|i|urlencode|w|attr('upper') is callable|m|attr('b') is defined|m|attr('items') is callable|s|zzz|t|string|string|'a'|upper|lower|title
s|e|s|escape|s|safe|'<' + ('>'|safe)|('<'|safe) + '>'|('<'|e) + '>'|'<' ~ ('>'|safe)|(s|safe) is escaped|s is escaped|('<b>'|safe)|upper + '<'|('%s'|safe) % '<'|('{}'|safe).format('<')|('a,b'|safe).split(',')[0] + '<'|('<'|safe)|string + '<'|('<'|safe)|trim + '<'|('<'|safe)|replace('<', '>') + '<'|('<'|safe).replace('<', '"') + '<'|('-'|safe).join(['<', '>'])|(l|tojson|safe) + '"'|('<'|safe)[0] + '<'|('<a'|safe)|first + '<'|('<'|safe) * 2 + '<'|('<'|e)|e|('<'|e)|forceescape|('<\\n<'|safe)|indent(1) + '<'|['<'|safe]|('<'|safe) == '<'|'<' + '>'|safe|('<'|safe)|reverse + '<'|('<'|safe)|list|first + '<'
"""
METHODS = """
s.strip()|s.lstrip()|s.rstrip()|'xxaxyx'.strip('x')|'xyax'.strip('xy')|'abc'.lstrip('ab')|'abc'.rstrip('cb')|'😀a😀'.strip('😀')|s.strip(none)|s.strip(1)|'a'.strip('')
w.split()|w.split(' ')|w.split(' ', 2)|w.split(none, 1)|'  a  b  '.split()|'  a  b  '.split(none, 1)|'  a  b  '.split(' ')|'a,b,,c,'.split(',')|''.split()|''.split(',')|'a--b'.split('--')|w.split('')|'a b c d'.rsplit(' ', 1)|'  a b  c '.rsplit(none, 1)|'  a b  c '.rsplit(none, 0)|'  a b  c '.split(none, 0)|'abc'.rsplit('b')|'a.b.c'.rsplit('.', maxsplit=1)|'a.b.c'.split(sep='.')|'<think>a</think>b'.split('</think>')[-1]|'a</think>b'.split('</think>')[0].split('<think>')[-1].lstrip('\\n')
lines.splitlines()|lines.splitlines(true)|''.splitlines()|'a\\x85b\\u2028c\\x1cd'.splitlines()|'\\n'.splitlines()|w.startswith('one')|w.startswith(('two', 'one'))|w.endswith('FOUR')|w.startswith('two', 4)|w.endswith('two', 0, 7)|w.startswith('')|w.startswith(1)|w.endswith(['a'])
w.find('two')|w.find('zzz')|w.find('o', 1)|w.find('o', 1, 3)|w.rfind('o')|w.index('two')|w.index('zzz')|w.rindex('o')|'😀a'.find('a')|w.find('o', -30)|w.count('o')|w.count('')|w.count('o', 5)|'aaa'.count('aa')
w.replace('o', '0')|w.replace('o', '0', 1)|w.replace('', '.')|w.replace('o')|w.replace('o', 1)|w.upper()|w.lower()|w.title()|"they're bill's".title()|w.capitalize()|w.swapcase()|'ß'.upper()|'ß'.title()|'ß'.casefold()|'Σ'.lower()|w.upper(1)
'-'.join(ls)|'-'.join(l)|'-'.join('abc')|'-'.join([])|'-'.join(m)|'-'.join(5)|''.join(ls|map('upper'))|w.partition(' ')|w.rpartition(' ')|w.partition('zzz')|w.rpartition('zzz')|w.partition('')|w.removeprefix('one ')|w.removesuffix('FOUR')|w.removeprefix('x')
'ab'.center(7, '*')|'ab'.center(5)|'abc'.center(6, '-')|'ab'.ljust(5) ~ '|'|'ab'.rjust(5, '0')|'ab'.zfill(5)|'-5'.zfill(4)|'+5'.zfill(4)|'ab'.ljust(1)|'ab'.ljust(5, 'xy')|'a\\tb'.expandtabs()|'a\\tb\\tc'.expandtabs(4)|'x'.center(1000000000)
'5'.isdigit()|'x5'.isdigit()|''.isdigit()|'½'.isnumeric()|'½'.isdigit()|'ab'.isalpha()|'a1'.isalnum()|' '.isspace()|''.isspace()|'aB'.islower()|'ab1'.islower()|'AB'.isupper()|'1'.isupper()|'é'.isascii()|'a\\n'.isprintable()|'12'.isdecimal()
'{} {}'.format(1, 'a')|'{0} {1} {0}'.format(1, 'a')|'{a} {b!r}'.format(a=1, b='x')|'{:>8}|{:<8}|{:^8}|'.format('a', 'b', 'c')|'{:*^9}'.format('mid')|'{:.2f} {:8.3f} {:e} {:g} {:%}'.format(x, y, i, huge, 0.5)|'{:d} {:5d} {:05d} {:+d} {:x} {:#x} {:b} {:o} {:,}'.format(1, 2, 3, 4, 255, 255, 5, 8, 1234567)|'{:,.2f}'.format(1234567.891)|'{{}} {}'.format(1)|'{'.format()|'}'.format()|'{}'.format()|'{} {1}'.format(1, 2)|'{0.name}'.format(people[0])|'{0[name]}'.format(people[0])|'{0[1]}'.format(l)|'{a.__class__}'.format(a=1)|'{:{}}'.format('a', 5)|'{:>{w}}'.format('a', w=4)|'{:d}'.format('a')|'{:s}'.format(1)|'{:5}|{:<5}|{:^5}|'.format(12, 12, 12)|'{:5}'.format(true)|'{:.3}'.format('abcdef')|'{!s:>5}'.format(1)|'{:=+7d}'.format(42)|'{a}'.format_map({'a': 1})|'{}'.format(none)|'{:>5}'.format(none)|'{}'.format([1, 'a'])|'{:g} {:g} {:g}'.format(100000.0, 1000000.0, 0.00001234)|'{:010.2f}'.format(-3.14159)|'{:_}'.format(1000000)|'{:999999999999}'.format(1)
w.zzz()|w.__len__()|w.format.__globals__|('a' ~ 'b').upper()|'a'.upper|'abc'.upper.lower|'x'.join(('a', 'b'))|'%s' % 'a'.upper()|'a'.upper() ~ 'b'.lower()|'abc' | upper | lower
"""
TESTS = """
i is odd|i is even|n is odd|x is even|i is divisibleby 7|i is divisibleby(2)|i is defined|q is defined|q is undefined|none_ is none|z is none|t is boolean|i is boolean|t is true|1 is true|no is false|0 is false|i is integer|t is integer|x is integer|x is float|i is float|i is number|t is number|'1' is number|none_ is number|s is string|i is string|m is mapping|l is mapping|l is iterable|s is iterable|i is iterable|none_ is iterable|m is iterable|l is sequence|s is sequence|m is sequence|i is sequence|range(3) is sequence|(l|map('string')) is sequence|(l|map('string')) is iterable|m.items() is sequence|'abc' is lower|'Abc' is lower|'ABC' is upper|'1' is upper|i is sameas 7|l is sameas l|t is sameas true|none is sameas none|l is sameas [3, 1, 2]|1 is in [1]|'a' is in 'abc'|i is eq 7|i is equalto 7|i == 7 is true|i is ne 8|i is lt 8|i is le 7|i is gt 6|i is ge 7|i is greaterthan(6)|i is lessthan 6|i is not odd|i is not none and t|'upper' is filter|'zzz' is filter|'odd' is test|i is zzz|s is escaped|range is callable|i is odd is even|i is odd or no|i is odd if t else 5|(i is odd) ~ 'x'|'a' is string and 'b' is string|m.q is defined and m.q.r is defined|m.q is not defined or m.q.r|namespace() is mapping|(1, 2) is sequence|s is callable|i is in(l)|i is not in l|m is == m|i is odd(1)|i is equalto
"""
# Statements.
STATEMENTS = [
    "{% if l %}a{% elif t %}b{% else %}c{% endif %}{% if e %}a{% elif z %}b{% elif t %}c{% endif %}{% if e %}x{% endif %}", "{% if 1, %}a{% endif %}", "{% if %}a{% endif %}", "{% if t %}a", "{% endif %}",
    "{% if t: %}a{% endif %}", "{% for a in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ a }};{% endfor %}",
    "{% for a in l %}{{ loop.previtem }}<{{ a }}>{{ loop.nextitem }};{% endfor %}", "{% for a in l %}{{ loop.cycle('x', 'y') }}{{ loop.changed(a > 1) }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}",
    "{% for a in [none, 1] %}{{ loop.previtem is defined }}{{ loop.previtem is none }}{{ loop.nextitem }};{% endfor %}", "{% for a in empty %}x{% else %}none{% endfor %}{% for a in l %}{{ a }}{% else %}none{% endfor %}",
    "{% for a in l if a > 1 %}{{ loop.index }}/{{ loop.length }}:{{ a }}{{ loop.last }};{% else %}none{% endfor %}", "{% for a in l if a > 5 %}x{% else %}none{% endfor %}",
    "{% for k, v in m.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in m %}{{ k }}{% endfor %}", "{% for c in 'a😀b' %}{{ c }},{% endfor %}", "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}x{% endfor %}", "{% for a, b in [1] %}x{% endfor %}", "{% for a in undefined_ %}x{% else %}y{% endfor %}", "{% for a in none %}x{% endfor %}", "{% for a in 5 %}x{% endfor %}",
    "{% for a in l %}{% if a == 1 %}{% continue %}{% endif %}{{ a }}{% endfor %}", "{% for a in l %}{% if a == 1 %}{% break %}{% endif %}{{ a }}{% endfor %}", "{% for a in l %}{% break %}{% else %}e{% endfor %}", "{% for a in l %}{% continue %}{% else %}e{% endfor %}",
    "{% break %}", "{% for a in l %}{% endfor %}{% continue %}", "{% for a in l %}{% macro f() %}{% break %}{% endmacro %}{% endfor %}", "{% for a in l %}{% for b in empty %}{% else %}{% break %}{% endfor %}{{ a }}{% endfor %}",
    "{% for a in l %}{% for b in l %}{{ loop.index }}{% if b == a %}{% break %}{% endif %}{% endfor %}|{{ loop.index }};{% endfor %}", "{% for a in 1, 2 %}{{ a }}{% endfor %}", "{% for a in l %}{{ a }}{% endfor %}{{ a }}{{ loop }}",
    "{% for n in [{'v': 1, 'c': [{'v': 2, 'c': []}, {'v': 3, 'c': []}]}] recursive %}{{ n.v }}{{ loop.depth }}({{ loop(n.c) }}){% endfor %}", "{% for a in l %}{{ loop(l) }}{% endfor %}", "{% for a in l|map('string') %}{{ loop.length }}{{ loop.last }}{{ a }};{% endfor %}",
    "{% for a in l|map('string') %}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ a }};{% endfor %}", "{% for a in m.values()|list + [1] %}{{ a }}{% endfor %}", "{% for a in l %}{{ loop }}{{ loop.zzz }}{% endfor %}", "{% for none in l %}{% endfor %}",
    "{% set x = 1 %}{{ x }}{% for a in l %}{% set x = a %}{{ x }}{% endfor %}{{ x }}", "{% set x = 1 %}{% for a in l %}{{ x }}{% set x = 2 %}{% endfor %}{{ x }}", "{% set x = 1 %}{% if t %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% set ns = namespace(x=0) %}{% for a in l %}{% set ns.x = ns.x + a %}{% endfor %}{{ ns.x }}{{ ns }}", "{% set ns = namespace() %}{% set ns.a, b = 1, 2 %}{{ ns.a }}{{ b }}", "{% set m.b = 1 %}", "{% set q.b = 1 %}", "{% set ns = namespace() %}{% set ns._x = 1 %}",
    "{% set a, b = 1, 2 %}{{ b }}{{ a }}", "{% set a = 1, 2 %}{{ a }}", "{% set (a, b) = (1, 2) %}{{ a }}{{ b }}", "{% set a, b = 1 %}", "{% set a, b = 'xy' %}{{ b }}{{ a }}", "{% set none = 1 %}", "{% set 1 = 1 %}", "{% set a %}", "{% set a = %}",
    "{% set x %}a{{ 1 }}\nb{% endset %}[{{ x }}]{{ x|length }}", "{% set x | upper | trim %} a {% endset %}[{{ x }}]", "{% set x %}{% set y = 5 %}{% endset %}{{ y }}", "{% for a in l %}{% set x %}{% break %}{% endset %}{{ a }}{% endfor %}e",
    "{% macro f(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }}{{ f(1, 3) }}{{ f(1, c=4) }}{{ f() }}{{ f(b=1, a=2) }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(b=2) }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, a=2) }}",
    "{% macro f(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, 3, k=4) }}{{ f() }}", "{% macro f(a, a2=1, b) %}{% endmacro %}", "{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(5) }}", "{% macro f() %}{{ x }}{% endmacro %}{% set x = 5 %}{{ f() }}",
    "{% macro f() %}{% set x = 1 %}{{ x }}{% endmacro %}{% set x = 5 %}{{ f() }}{{ x }}", "{% for a in l %}{% macro f() %}{{ a }}{% endmacro %}{{ f() }}{% endfor %}", "{% macro f() %} a {% endmacro %}{{ f()|trim }}{{ f().upper() }}{{ f.name }}{{ f.arguments }}{{ f.caller }}{{ f.catch_varargs }}",
    "{% macro f(x) %}[{{ caller() }}{{ x }}]{% endmacro %}{% call f(1) %}in{% endcall %}", "{% macro f() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b=5) f() %}{{ a }}{{ b }}{% endcall %}", "{% macro f() %}{{ caller() }}{% endmacro %}{{ f() }}", "{% macro f() %}x{% endmacro %}{% call f() %}y{% endcall %}",
    "{% macro f(caller=none) %}{{ caller is none }}{% endmacro %}{{ f() }}{% call f() %}{% endcall %}", "{% call 5 %}{% endcall %}", "{% macro f %}{% endmacro %}", "{% macro f() %}{% endmacro %}{{ f }}|{{ f() }}|{{ f() is string }}{{ f() == '' }}", "{% macro f(x) %}{{ x is defined }}{% endmacro %}{{ f() }}{{ f(q) }}{{ f(none) }}",
    "{% filter upper %}a{{ 'b' }}{% endfilter %}", "{% filter trim | replace('a', 'b') %} a {% endfilter %}", "{% filter zzz %}a{% endfilter %}", "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}", "{% with %}{% set a = 1 %}{{ a }}{% endwith %}{{ a }}", "{% with a = 1 %}{% with b = a %}{{ b }}{% endwith %}{% endwith %}",
    "{% generation %}a{{ i }}{% set q = 1 %}{% endgeneration %}{{ q }}", "{% for a in l %}{% generation %}{{ a }}{{ loop.index }}{% endgeneration %}{% endfor %}", "{% print 1, 'a' %}", "{% include 'x' %}", "{% import 'x' as y %}", "{% extends 'x' %}", "{% do 1 %}", "{% zzz %}", "{% %}", "{{ }}", "{{ 1 2 }}", "{{ 1", "{% if 1", "{# x", "{% raw %}x", "{{ 'a }}", "{{ (1 }}", "{{ 1) }}", "{{ [1) }}", "{{ a! }}", "{{ $ }}", "{{ 'a' if }}", "{{ x | }}", "{{ x is }}", "{{ x. }}", "{{ x[] }}", "{{ x[1:2:3:4] }}", "{{ f(a=1, 2) }}", "{{ f(a=1, a=2) }}", "{{ dict(**{'a': 1}) }}{{ range(*[1, 3])|list }}", "{{ dict(**5) }}", "{{ range(*5) }}",
    "{{ dict(*[], **{'a': 1}, b=2) }}", "{% set x = [] %}{% set x = x + [1] %}{{ x }}", "{% set f = 'abc'.upper %}{{ f() }}", "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.reset() }}{{ c.current }}", "{% set j = joiner() %}{{ j() }}a{{ j() }}b",
    "{% set g = l|map('string') %}{{ g|list }}{{ g|list }}", "{% set g = l|select('odd') %}{{ g|first }}{{ g|list }}", "{% set ns = namespace(on=true) %}{% for a in l if ns.on %}{{ a }}{% set ns.on = false %}{% endfor %}", "{% set d = dict(a=1) %}{% set d2 = dict(d, b=2) %}{{ d2 }}{{ d }}", "{{ true }}{{ True }}{{ false }}{{ none }}{{ None }}{{ null }}",
    "{{ \"\" }}{{ ''|length }}{{ [] }}{{ x }}", "{{ loop }}", "{{ s.upper }}", "{{ l.0 }}{{ l.1 }}", "{{ m.items() | first | last }}", "{% if not l is defined %}a{% else %}b{% endif %}", "{% if 'a' in m and m.a is defined or t %}y{% endif %}", "{{ ('a', 'b') | join }}", "{{ {'a': 1}.a }}{{ [1, 2][0] }}{{ 'abc'[0] }}{{ (1, 2)[1] }}", "{{ {'a': [1, {'b': 2}]}.a[1].b }}",
    "{{ 'a' if t else 'b' ~ 'c' }}", "{{ 1 + 1 ~ 2 }}", "{{ 1 ~ 2 * 3 }}", "{{ -1 | abs }}", "{{ (-1) | abs }}", "{{ not t == no }}", "{{ 2 * -1 }}", "{{ 'a' ~ 'b' | upper }}", "{{ 'a' + 'b' | upper }}", "{{ [1, 2] | first + 1 }}", "{{ x is defined and x > 2 }}", "{{ l[l[1]] }}", "{{ l | length > 2 and 'big' or 'small' }}", "{{ 1 == 1 in [true] }}", "{{ 3 - 2 - 1 }}{{ 8 / 2 / 2 }}{{ 2 ** 2 ** 3 }}", "{{ 'x' * 2 ~ 'y' }}",
]


def build():
    cases = list(SPACES) + list(STATEMENTS)
    for block in (EXPRESSIONS, FILTERS, METHODS, TESTS):
        for line in block.strip().split("\n"):
            cases += expressions(line)
    return cases


def expressions(line):
    """Expressions between bars. A bar is a filter's as well, so every prefix that ends at a bar outside of quotes counts."""
    parts, depth, quote, at = [], 0, "", 0
    for i, c in enumerate(line):
        if quote:
            quote = "" if c == quote and line[i - 1] != "\\" else quote
        elif c in "'\"":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "|" and not depth:
            parts.append(line[at:i].strip())
            at = i + 1
    parts.append(line[at:].strip())
    filters = set(templates._compile_jinja_template("").environment.filters)
    found = []
    for part in parts:
        name = part.split("(")[0].split(" ")[0]
        if found and (name in filters or name == "zzz") and name not in VARIABLES:
            found[-1] = found[-1] + "|" + part
        else:
            found.append(part)
    return ["{{ " + part + " }}" for part in found if part]


class Late(Exception):
    pass


def late(*_):
    raise Late()


def render(template):
    signal.alarm(2)
    try:
        text = templates._compile_jinja_template(template).render(**copy.deepcopy(VARIABLES))  # indent changes lists
        if " at 0x" in text.lower() or len(text) > 100000:
            raise Late()  # shows where something lies in memory, or is no case to write down
        return text
    except Late:
        raise
    except Exception:
        return None
    finally:
        signal.alarm(0)


def main():
    signal.signal(signal.SIGALRM, late)
    random_ones = len(sys.argv) > 2
    cases = build()
    if random_ones:
        from random_templates import Maker
        maker = Maker(random.Random(int(sys.argv[2])), VARIABLES, cases)
        cases = [maker.template() for _ in range(int(sys.argv[1]))]
    rows = []
    for case in dict.fromkeys(cases):
        try:
            rows.append([case, render(case)])
        except Late:
            pass
    out = Path(sys.argv[3]) if random_ones else OUT
    out.write_text('{"now": "%s",\n"variables": %s,\n"cases": [\n%s\n]}\n' % (
        NOW.isoformat(), json.dumps(VARIABLES), ",\n".join(json.dumps(row) for row in rows)))
    print(len(rows), "templates,", sum(row[1] is None for row in rows), "that fail")


if __name__ == "__main__":
    main()
