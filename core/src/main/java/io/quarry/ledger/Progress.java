package io.quarry.ledger;

/**
 * How a stage says how far it is. Implemented by the command line (a bar on a terminal, a plain line every few seconds
 * elsewhere); stages only report. All methods are cheap; call them as often as you like.
 */
public interface Progress {
    /** A progress nobody watches. */
    Progress SILENT = (done, total, unit, note) -> {};

    /**
     * Says how far the stage is.
     *
     * @param done  units finished
     * @param total units in all; 0 where it is not known
     * @param unit  what is counted, for instance {@code tokens}
     * @param note  what else is worth seeing now, for instance {@code loss 2.31}; may be empty
     */
    void at(long done, long total, String unit, String note);
}
