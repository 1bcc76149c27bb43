package io.quarry.jinja;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** {@code strftime} in the C locale. */
final class Time {
    private Time() {}

    static Text format(Budget budget, Text pattern, LocalDateTime now) {
        String chars = pattern.chars();
        TextBuilder out = new TextBuilder(budget);
        for (int i = 0; i < chars.length(); i++) {
            char c = chars.charAt(i);
            if (c != '%' || i + 1 == chars.length()) {
                out.add(pattern, i, i + 1);
                continue;
            }
            boolean bare = chars.charAt(i + 1) == '-' && i + 2 < chars.length();
            i += bare ? 2 : 1;
            String field = field(chars.charAt(i), now);
            out.add(bare ? field.replaceFirst("^[0 ]+(?=\\d)", "") : field);
        }
        return out.text();
    }

    private static String field(char field, LocalDateTime now) {
        return switch (field) {
            case 'Y' -> String.valueOf(now.getYear());
            case 'C' -> two(now.getYear() / 100);
            case 'y' -> two(now.getYear() % 100);
            case 'm' -> two(now.getMonthValue());
            case 'd' -> two(now.getDayOfMonth());
            case 'e' -> String.format("%2d", now.getDayOfMonth());
            case 'H' -> two(now.getHour());
            case 'k' -> String.format("%2d", now.getHour());
            case 'I' -> two((now.getHour() + 11) % 12 + 1);
            case 'l' -> String.format("%2d", (now.getHour() + 11) % 12 + 1);
            case 'M' -> two(now.getMinute());
            case 'S' -> two(now.getSecond());
            case 'f' -> String.format("%06d", now.getNano() / 1000);
            case 'p' -> now.getHour() < 12 ? "AM" : "PM";
            case 'P' -> now.getHour() < 12 ? "am" : "pm";
            case 'j' -> String.format("%03d", now.getDayOfYear());
            case 'A' -> now.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' -> now.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'B' -> now.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' -> now.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'u' -> String.valueOf(now.getDayOfWeek().getValue());
            case 'w' -> String.valueOf(now.getDayOfWeek().getValue() % 7);
            case 'U' -> two((now.getDayOfYear() + 6 - now.getDayOfWeek().getValue() % 7) / 7);
            case 'W' -> two((now.getDayOfYear() + 7 - now.getDayOfWeek().getValue()) / 7);
            case 'V' -> two(now.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'G' -> String.valueOf(now.get(IsoFields.WEEK_BASED_YEAR));
            case 'g' -> two(now.get(IsoFields.WEEK_BASED_YEAR) % 100);
            case 'D', 'x' -> field('m', now) + "/" + field('d', now) + "/" + field('y', now);
            case 'F' -> field('Y', now) + "-" + field('m', now) + "-" + field('d', now);
            case 'T', 'X' -> field('R', now) + ":" + field('S', now);
            case 'R' -> field('H', now) + ":" + field('M', now);
            case 'r' -> field('I', now) + ":" + field('M', now) + ":" + field('S', now) + " " + field('p', now);
            case 'c' -> field('a', now) + " " + field('b', now) + " " + field('e', now) + " " + field('T', now) + " "
                    + field('Y', now);
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'z', 'Z' -> ""; // the time of day has no zone, as datetime.now() has none
            case '%' -> "%";
            default -> "%" + field;
        };
    }

    private static String two(int number) {
        return String.format("%02d", number);
    }
}
