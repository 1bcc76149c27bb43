package io.quarry.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Vectors whose class the compiler knows because they are constants. An operation is a call on its first vector. Where
 * that one's class is known, as of a constant, of what was loaded, and of what was computed from these, the call is
 * replaced by an instruction. Of a variable that a loop changes and of {@code FloatVector.broadcast(F, x)} only {@link
 * FloatVector} is known, and it depends on what was counted before compiling whether the class is found out; where it is
 * not, every operation makes objects and is a hundred times slower. So: {@code FLOATS.broadcast(x).fma(w, sum)} and {@code
 * w.add(sum)}, never {@code sum.add(w)}.
 */
final class Vectors {
    static final FloatVector FLOATS = FloatVector.zero(FloatVector.SPECIES_PREFERRED);
    static final IntVector INTS = IntVector.zero(IntVector.SPECIES_PREFERRED);

    private Vectors() {}
}
