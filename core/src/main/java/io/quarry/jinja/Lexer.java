package io.quarry.jinja;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes a template apart, with the white space as Jinja has it under {@code trim_blocks} and {@code lstrip_blocks}: a
 * line break behind a block or a comment is dropped, and so is what indents one at the beginning of a line; {@code -}
 * drops all white space on its side, {@code +} keeps it.
 */
final class Lexer {
    private static final Pattern RAW = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-%\\}\\s*|%\\})",
            Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(\\+%\\}|-%\\}\\s*|%\\}\\n?)",
            Pattern.UNICODE_CHARACTER_CLASS);
    private static final List<String> OPERATORS = List.of("**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%",
            "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int counted;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String lines = template.replace("\r\n", "\n").replace('\r', '\n');
        Lexer lexer = new Lexer(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
        lexer.run();
        return lexer.tokens;
    }

    /** The line of a place; places must be asked for in order. */
    private int line(int place) {
        for (; counted < place; counted++)
            if (source.charAt(counted) == '\n')
                line++;
        return line;
    }

    private void add(Token.Kind kind, String text, Object value, int place) {
        tokens.add(new Token(kind, text, value, line(place)));
    }

    private void run() {
        while (at < source.length()) {
            int tag = tag(at);
            if (tag < 0) {
                data(at, source.length());
                break;
            }
            Matcher raw = RAW.matcher(source).region(tag, source.length());
            boolean isRaw = raw.lookingAt();
            char kind = source.charAt(tag + 1);
            char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            data(at, stripped(at, tag, sign, kind != '{'));
            at = isRaw ? raw.end() : tag + (sign == '-' || sign == '+' ? 3 : 2);
            if (isRaw)
                raw(tag);
            else if (kind == '#')
                comment(tag);
            else
                expression(tag, kind == '%');
        }
        add(Token.Kind.END, "", null, source.length());
    }

    /** The next opening bracket of a tag. */
    private int tag(int from) {
        for (int i = source.indexOf('{', from); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1))
            if ("{%#".indexOf(source.charAt(i + 1)) >= 0)
                return i;
        return -1;
    }

    private void data(int from, int to) {
        if (from < to)
            add(Token.Kind.DATA, source.substring(from, to), null, from);
    }

    /** Where the data before a tag ends when white space is dropped as its sign and Jinja's settings say. */
    private int stripped(int from, int tag, char sign, boolean block) {
        int end = tag;
        if (sign == '-')
            while (end > from && Chars.space(source.charAt(end - 1)))
                end--;
        else if (sign != '+' && block) {
            while (end > from && source.charAt(end - 1) != '\n' && Chars.space(source.charAt(end - 1)))
                end--;
            if (end > 0 && source.charAt(end - 1) != '\n')
                return tag;
        }
        return end;
    }

    private void raw(int tag) {
        Matcher end = END_RAW.matcher(source);
        if (!end.find(at))
            throw new Fault("a raw block is not closed by {% endraw %}", line(tag));
        data(at, stripped(at, end.start(), end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0), true));
        at = end.end();
    }

    private void comment(int tag) {
        int end = source.indexOf("#}", at);
        if (end < 0)
            throw new Fault("a comment is not closed by \"#}\"", line(tag));
        boolean signed = end > at;
        char sign = signed ? source.charAt(end - 1) : ' ';
        at = end + 2;
        trim(sign, true);
    }

    /** Drops the white space behind a tag that its sign and {@code trim_blocks} say. */
    private void trim(char sign, boolean block) {
        if (sign == '-')
            while (at < source.length() && Chars.space(source.charAt(at)))
                at++;
        else if (block && sign != '+' && at < source.length() && source.charAt(at) == '\n')
            at++;
    }

    /** The tokens between the brackets of a tag. */
    private void expression(int tag, boolean block) {
        add(block ? Token.Kind.BLOCK_BEGIN : Token.Kind.PRINT_BEGIN, "", null, tag);
        String close = block ? "%}" : "}}";
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            while (at < source.length() && Chars.space(source.charAt(at)))
                at++;
            if (at == source.length())
                throw new Fault("a tag is not closed by \"" + close + "\"", line(tag));
            char c = source.charAt(at);
            boolean signed = c == '-' || block && c == '+';
            if (open.isEmpty() && source.startsWith(close, signed ? at + 1 : at)) {
                add(block ? Token.Kind.BLOCK_END : Token.Kind.PRINT_END, "", null, at);
                at += signed ? 3 : 2;
                trim(c, block);
                return;
            }
            token(c, open);
        }
    }

    private void token(char c, Deque<Character> open) {
        int start = at;
        if (c >= '0' && c <= '9')
            number();
        else if (Chars.word(c)) {
            while (at < source.length() && Chars.word(source.charAt(at)))
                at++;
            add(Token.Kind.NAME, source.substring(start, at), null, start);
        } else if (c == '"' || c == '\'')
            string(c);
        else {
            String operator = OPERATORS.stream().filter(each -> source.startsWith(each, start)).findFirst()
                    .orElseThrow(() -> new Fault("the character \"" + Character.toString(source.codePointAt(start))
                            + "\" has no meaning here", line(start)));
            balance(operator, open);
            at += operator.length();
            add(Token.Kind.OPERATOR, operator, null, start);
        }
    }

    private void balance(String operator, Deque<Character> open) {
        switch (operator) {
            case "(" -> open.push(')');
            case "[" -> open.push(']');
            case "{" -> open.push('}');
            case ")", "]", "}" -> {
                if (open.isEmpty() || open.pop() != operator.charAt(0))
                    throw new Fault("\"" + operator + "\" closes a bracket that is not open", line(at));
            }
            default -> {
            }
        }
    }

    private void number() {
        int start = at;
        int end = digits(at, 10);
        boolean real = start == 0 || source.charAt(start - 1) != '.';
        if (real && (point(end) || exponent(end))) {
            if (point(end))
                end = digits(end + 1, 10);
            if (exponent(end))
                end = digits(end + ("+-".indexOf(source.charAt(end + 1)) < 0 ? 1 : 2), 10);
            at = end;
            add(Token.Kind.NUMBER, "", Double.parseDouble(source.substring(start, end).replace("_", "")), start);
            return;
        }
        int base = switch (source.startsWith("0", start) && digits(start + 2, 16) > start + 2
                ? source.charAt(start + 1)
                : ' ') {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> 10;
        };
        int from = base == 10 ? start : start + 2;
        at = base == 10 && source.charAt(start) == '0' ? digits(start, 1) : digits(from, base);
        String digits = source.substring(from, at).replace("_", "");
        if (digits.length() > 1000)
            throw new Fault("a number has more than 1000 digits", line(start));
        add(Token.Kind.NUMBER, "", Numbers.of(new BigInteger(digits.isEmpty() ? "0" : digits, base)), start);
    }

    private boolean point(int place) {
        return source.startsWith(".", place) && digits(place + 1, 10) > place + 1;
    }

    private boolean exponent(int place) {
        if (!source.startsWith("e", place) && !source.startsWith("E", place))
            return false;
        boolean signed = source.startsWith("+", place + 1) || source.startsWith("-", place + 1);
        int from = place + (signed ? 2 : 1);
        return digits(from, 10) > from;
    }

    /** Where the digits of a base end that begin here, with single underscores between them; base 1 has the digit 0. */
    private int digits(int from, int base) {
        int end = from;
        while (digit(end, base) || end > from && source.startsWith("_", end) && digit(end + 1, base))
            end++;
        return end;
    }

    private boolean digit(int place, int base) {
        return place < source.length() && source.charAt(place) < 0x80
                && (base == 1 ? source.charAt(place) == '0' : Character.digit(source.charAt(place), base) >= 0);
    }

    private void string(char quote) {
        int start = at;
        StringBuilder value = new StringBuilder();
        for (at++; at < source.length() && source.charAt(at) != quote; at++)
            if (source.charAt(at) == '\\' && at + 1 < source.length())
                escape(value);
            else
                value.append(source.charAt(at));
        if (at >= source.length())
            throw new Fault("a string is not closed by " + quote, line(start));
        at++;
        add(Token.Kind.STRING, value.toString(), null, start);
    }

    /** One escape of Python's strings; leaves {@code at} on its last character. */
    private void escape(StringBuilder value) {
        char c = source.charAt(++at);
        switch (c) {
            case '\n' -> {
            }
            case '\\', '\'', '"' -> value.append(c);
            case 'n' -> value.append('\n');
            case 't' -> value.append('\t');
            case 'r' -> value.append('\r');
            case 'b' -> value.append('\b');
            case 'f' -> value.append('\f');
            case 'a' -> value.append('\u0007');
            case 'v' -> value.append('\u000b');
            case 'x' -> hex(value, 2);
            case 'u' -> hex(value, 4);
            case 'U' -> hex(value, 8);
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                int code = 0;
                int end = Math.min(at + 3, source.length());
                for (; at < end && source.charAt(at) >= '0' && source.charAt(at) <= '7'; at++)
                    code = 8 * code + source.charAt(at) - '0';
                at--;
                value.append((char) code);
            }
            case 'N' ->
                throw new Fault("a string names a character by \\N, which is not supported; write \\u", line(at));
            default -> value.append('\\').append(c);
        }
    }

    private void hex(StringBuilder value, int digits) {
        String code = source.substring(at + 1, Math.min(at + 1 + digits, source.length()));
        if (code.length() < digits || !code.chars().allMatch(c -> c < 0x80 && Character.digit(c, 16) >= 0)
                || Long.parseLong(code, 16) > Character.MAX_CODE_POINT)
            throw new Fault("a string has an escape that needs " + digits + " hexadecimal digits", line(at));
        value.appendCodePoint(Integer.parseInt(code, 16));
        at += digits;
    }
}
