"""Random templates: half from a grammar, half from the given ones with pieces changed."""
import re

BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
FILTERS = ["upper", "lower", "title", "capitalize", "trim", "length", "first", "last", "list", "join", "join(',')", "sort", "unique",
           "reverse", "string", "int", "float", "abs", "round", "round(1)", "tojson", "tojson(indent=1)", "items", "dictsort", "default(1)", "default('x', true)",
           "map('upper')", "map('string')", "map(attribute='name')", "select", "reject", "select('string')", "selectattr('age')",
           "selectattr('name', 'string')", "rejectattr('tags')", "replace('o', 'ö')", "indent", "indent(2, true)", "truncate(5)", "center(9)", "wordcount",
           "sum", "min", "max", "batch(2)", "slice(2)", "groupby('age')", "urlencode", "e", "safe", "format(1)", "sort(reverse=true)", "count",
           "attr('upper')", "d(none)"]
TESTS = ["defined", "undefined", "none", "string", "number", "mapping", "iterable", "sequence", "boolean", "true", "false", "odd",
         "even", "integer", "float", "lower", "upper", "callable", "divisibleby(2)", "equalto(1)", "in([1, 'a'])", "sameas(none)", "gt(1)", "escaped"]
METHODS = ["strip()", "lstrip()", "rstrip('! ')", "split()", "split(',')", "split(' ', 1)", "rsplit(' ', 1)", "splitlines()", "upper()", "lower()",
           "title()", "capitalize()", "replace('l', 'LL')", "startswith('a')", "endswith(('b', ' '))", "find('o')", "rfind('o')", "count('o')", "get('b')",
           "get('zz', 3)", "items()", "keys()", "values()", "join(['a', 'b'])", "format(1, 2)", "isdigit()", "isalpha()", "zfill(6)", "center(8)", "partition(' ')",
           "rpartition(' ')", "removeprefix(' ')", "index('a')", "append(1)", "pop()", "copy()", "isupper()", "swapcase()", "ljust(5)", "name", "age", "b", "items", "0", "__class__"]


TYPED = {
    "s": ["s", "'a'", "w", "e", "lines", "'é😀 x'", "'%s-%s'", "'<b>'", "d", "f", "<s> ~ <any>", "<s> + <s>", "<s> * <i>", "<s>[<i>]", "<s>[<i>:]", "<s>[:<i>]",
          "<s>[::<i>]", "<s>|upper", "<s>|title", "<s>|capitalize", "<s>|trim", "<s>|trim('a ')", "<s>|replace(<s>, <s>)", "<s>|replace('o', <s>, 1)",
          "<l>|join(<s>)", "<any>|string", "<s>|indent(<i>)", "<s>|indent(2, <b>, <b>)", "<s>|truncate(<i>)", "<s>|center(<i>)", "<s>|e", "<s>|safe",
          "<any>|tojson", "<m>|tojson(indent=<i>)", "<s>|urlencode", "<s>|reverse", "<s> % (<any>, <any>)", "'%5s|%-4d|%.2f' % (<s>, <i>, <x>)", "'{} {:>6}'.format(<any>, <s>)",
          "'{:,} {:+.1f}'.format(<i>, <x>)", "<s>.strip()", "<s>.strip(<s>)", "<s>.lstrip()", "<s>.rstrip()", "<s>.title()", "<s>.swapcase()", "<s>.zfill(<i>)",
          "<s>.ljust(<i>)", "<s>.replace(<s>, <s>)", "<s>.removeprefix(<s>)", "<s>.join(<l>|map('string'))", "<s> if <b> else <s>", "<s>|default(<s>, <b>)", "<l>|map('string')|join"],
    "i": ["i", "1", "n", "z", "3", "2", "<s>|length", "<l>|length", "<i> + <i>", "<i> - <i>", "<i> * <i>", "<i> // <i>", "<i> % <i>", "-<i>", "<i>|abs", "<s>.find(<s>)",
          "<s>.count(<s>)", "<s>|int", "<x>|int", "<s>|wordcount", "[<i>, <i>]|sum", "[<i>, <i>]|max", "<i> ** 2", "<l>.count(<any>)", "<s>.rfind(<s>)", "<x>|round|int"],
    "x": ["x", "y", "0.5", "<i> / <i>", "<x> * <x>", "<i>|float", "<x>|round(1)", "<x> + <i>", "<s>|float", "<x> % <i>", "<x> // <i>", "<x>|abs", "huge", "<x>|round(1, 'floor')"],
    "b": ["t", "no", "<i> > <i>", "<any> == <any>", "<s> in <s>", "<any> in <l>", "<s> in <m>", "not <any>", "<b> and <b>", "<b> or <b>", "<any> is string", "<any> is mapping",
          "<any> is sequence", "<any> is iterable", "<any> is defined", "<any> is none", "<i> is odd", "<any> is number", "<s> is upper", "<s>.startswith(<s>)", "<s>.endswith(<s>)",
          "<s>.isdigit()", "<s> < <s>", "<x> >= <i>", "<any> is sameas(<any>)", "<any> is boolean", "<s> is escaped", "<s>.isupper()"],
    "l": ["l", "ls", "people", "mixed", "empty", "[<any>, <any>]", "(<any>, <any>)", "range(<i>)|list", "<l> + <l>", "<l>[<i>:]", "<l>[::-1]", "<l>|list", "<l>|reverse|list", "<s>|list",
          "<s>.split()", "<s>.split(<s>, <i>)", "<s>.rsplit(' ', <i>)", "<s>.splitlines()", "<l>|map('string')|list", "<l>|map('length')|list", "<l>|select('string')|list", "<l>|reject('none')|list",
          "<l>|select|list", "people|selectattr('age', 'gt', <i>)|list", "people|map(attribute='name')|list", "people|rejectattr('tags')|list", "people|groupby('age')", "people|sort(attribute='name')",
          "<m>|dictsort", "<m>.items()|list", "<m>|items|list", "<m>|list", "[<s>, <s>, <s>]|sort", "[<i>, <i>, <i>]|sort(true)", "[<s>, <s>]|unique|list", "<l>|batch(2)|list", "<l>|slice(2)|list",
          "<s>.partition(<s>)", "<m>.values()|list", "<m>.keys()|list", "[<any>] * <i>", "[<s>, <s>]|sort(case_sensitive=true)"],
    "m": ["m", "em", "people[0]", "{'k': <any>, 'j': <any>}", "dict(a=<any>)", "dict(<m>, z=<any>)", "{<s>: <any>}", "<m>.copy()", "{<i>: <any>, none: 1}"],
    "a": ["<l>[<i>]", "<m>.b", "<m>['k']", "<m>.get(<s>)", "<m>.get(<s>, <any>)", "<l>|first", "<l>|last", "<any> if <b>", "<any> if <b> else <any>", "<any> or <any>", "<any> and <any>", "<l>|min", "<l>|max",
          "<any>|default(<any>)", "<m>[<s>]", "q", "none"],
}


class Maker:
    def __init__(self, chance, variables, cases):
        self.chance, self.names, self.cases = chance, list(variables), cases
        self.pieces = sorted({p for c in cases for p in re.findall(r"\w+|\W", c)})

    def pick(self, items):
        return self.chance.choice(items)

    def literal(self):
        return self.pick(["0", "1", "2", "-1", "3", "1.5", "0.5", "10", "''", "'a'", "' b c '", "'%s'", "'{}'", "'x,y'", "true", "false", "none", "[]",
                          "[1, 2]", "['b', 'a']", "{}", "{'a': 1, 'b': 'z'}", "(1, 'a')", "'é😀'", "'\\n'", "range(3)"])

    def expression(self, depth=0):
        """An expression; most have operands that fit their operator."""
        if self.chance.random() < .15:
            return self.loose(depth)
        return self.typed(self.pick(list(TYPED)), depth)

    def typed(self, kind, depth):
        rules = TYPED[kind]
        rule = self.pick(rules[:3] if depth > 3 else rules)
        return re.sub(r"<(\w+)>", lambda m: self.hole(m[1], depth), rule)

    def hole(self, name, depth):
        if name == "any":
            return self.expression(depth + 1)
        return "(" + self.typed(name, depth + 1) + ")"

    def loose(self, depth):
        kind = self.chance.randrange(12 if depth < 4 else 2)
        inner = lambda: self.expression(depth + 1)
        if kind == 0:
            return self.literal()
        if kind <= 2:
            return self.pick(self.names + ["q"])
        if kind <= 4:
            return f"{inner()} {self.pick(BINARY)} {inner()}"
        if kind == 5:
            return f"({inner()})|{self.pick(FILTERS)}"
        if kind == 6:
            return f"{inner()}|{self.pick(FILTERS)}|{self.pick(FILTERS)}"
        if kind == 7:
            return f"({inner()}) is {self.pick(['', 'not '])}{self.pick(TESTS)}"
        if kind == 8:
            return f"({inner()}).{self.pick(METHODS)}"
        if kind == 9:
            index = self.pick([self.literal(), self.literal() + ":", ":" + self.literal(), "::-1", "1:", ":-1", "::2", inner()])
            return f"({inner()})[{index}]"
        if kind == 10:
            return f"{inner()} if {inner()} else {inner()}" if self.chance.random() < .7 else f"{self.pick(['not ', '-', '+'])}({inner()})"
        return self.pick(["[{}, {}]", "({}, {})", "{{'k': {}, 'j': {}}}", "dict(a={}, b={})"]).format(inner(), inner())

    def space(self):
        return self.pick(["", "", " ", "\n", "\n  ", "  \n", "a", "b\n", " c "])

    def statement(self, depth=0):
        sign = lambda: self.pick(["", "", "", "-", "+"])
        tag = lambda body: f"{self.space()}{{%{sign()} {body} {sign()}%}}{self.space()}"
        kind = self.chance.randrange(9 if depth < 3 else 3)
        inner = lambda: "".join(self.statement(depth + 1) for _ in range(self.chance.randrange(3)))
        if kind <= 2:
            return f"{self.space()}{{{{{self.pick(['', '', '-'])} {self.expression()} {self.pick(['', '', '-'])}}}}}{self.space()}"
        if kind == 3:
            return tag(f"if {self.expression()}") + inner() + tag("else") + inner() + tag("endif")
        if kind == 4:
            test = self.pick(["", "", f" if {self.expression(2)}"])
            return tag(f"for a in {self.expression()}{test}") + inner() + "{{ a }}{{ loop." + self.pick(
                ["index", "last", "length", "revindex0", "previtem", "nextitem", "first"]) + " }}" + tag("endfor")
        if kind == 5:
            return tag(f"set {self.pick(['q', 'a', 's', 'q, a'])} = {self.expression()}")
        if kind == 6:
            return tag("set q") + inner() + tag("endset") + "{{ q }}"
        if kind == 7:
            return tag("macro f(a, q=1)") + inner() + "{{ a }}" + tag("endmacro") + f"{{{{ f({self.expression(2)}) }}}}"
        return self.pick([tag("filter upper") + inner() + tag("endfilter"), "{#" + sign() + " c " + sign() + "#}",
                          tag("with a = " + self.expression(2)) + inner() + tag("endwith"), tag(f"if {self.expression(2)}") + tag("break") + tag("endif")])

    def template(self):
        if self.chance.random() < .7:
            return "".join(self.statement() for _ in range(self.chance.randrange(1, 4)))
        parts = re.findall(r"\w+|\W", self.pick(self.cases)) or [""]
        for _ in range(self.chance.randrange(1, 4)):
            at = self.chance.randrange(len(parts))
            change = self.chance.randrange(4)
            if change == 0:
                parts[at] = self.pick(self.pieces)
            elif change == 1:
                parts.insert(at, self.pick(self.pieces))
            elif change == 2:
                parts[at] = ""
            else:
                parts[at] = self.pick(self.names)
        return "".join(parts)
