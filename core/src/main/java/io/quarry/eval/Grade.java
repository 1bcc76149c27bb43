package io.quarry.eval;

/**
 * The verdict on one answer.
 *
 * @param correct whether the answer is right, by the task's strict rule; what evaluation counts
 * @param reward  in [0, 1]; what RL maximises. 1 if correct; parts may count when a task says so
 * @param reason  one phrase that says why not, empty when correct
 */
public record Grade(boolean correct, double reward, String reason) {
    public static final Grade RIGHT = new Grade(true, 1, "");

    public static Grade wrong(String reason) {
        return new Grade(false, 0, reason);
    }
}
