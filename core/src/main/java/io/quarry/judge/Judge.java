package io.quarry.judge;

import java.io.IOException;

/**
 * Decides whether an answer is good enough to be learned. Looks at the assistant's response alone; system and user turns,
 * documents and tools are context.
 */
public interface Judge {
    /**
     * The verdict on one candidate.
     *
     * @throws IOException if the judge cannot be reached or does not answer as it must, with what was tried
     */
    Verdict judge(Candidate candidate) throws IOException, InterruptedException;
}
