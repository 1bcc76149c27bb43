package io.quarry.eval;

/** Train and held-out items are disjoint by construction: a generator draws them from different halves of its space. */
public enum Split {
    TRAIN, HELD_OUT
}
