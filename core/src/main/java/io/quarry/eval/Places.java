package io.quarry.eval;

import java.util.ArrayList;
import java.util.List;

/**
 * Invented places whose facts no model can know beforehand: what grounded answers and retrieval ask for. A name is two
 * words, so that a tokenizer spells a held-out one with the tokens it learned from the others.
 */
final class Places {
    static final List<String> HEADS = List.of("Vel", "Tor", "Mar", "Kas", "Lin", "Bel", "Dar", "Fen", "Gor", "Hal",
            "Jor",
            "Kel", "Lor", "Mel", "Nor", "Pel", "Ros", "Sel", "Tam", "Ul", "Var", "Wil", "Yor", "Zan");
    static final List<String> TAILS = List.of("Mora", "Dane", "Vik", "Stad", "Wick", "Ham", "Ford", "Mere", "Dale",
            "Burg", "Holm", "Gate", "Port", "Ster", "Land", "Bury", "Ria", "Ton", "Mont", "Field");

    private Places() {}

    /**
     * Names of one half that share neither beginning nor ending with each other, so one word is enough to tell them
     * apart; at most as many as there are endings.
     */
    static List<String> names(Draw draw, int count) {
        List<String> out = distinct(draw);
        while (out.size() < count)
            out = distinct(draw);
        return out.subList(0, count);
    }

    /** One name for each beginning that still finds an ending. */
    private static List<String> distinct(Draw draw) {
        List<String> tails = draw.shuffled(TAILS);
        List<String> out = new ArrayList<>();
        for (String head : draw.shuffled(HEADS))
            for (String tail : tails)
                if (half(head + " " + tail) == draw.split()) {
                    out.add(head + " " + tail);
                    tails.remove(tail);
                    break;
                }
        return out;
    }

    static Split half(String name) {
        return Draw.half("place " + name);
    }
}
