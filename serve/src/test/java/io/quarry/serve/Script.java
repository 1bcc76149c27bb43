package io.quarry.serve;

import io.quarry.chat.CallMarks;
import io.quarry.chat.Conversation;
import io.quarry.infer.Completion;
import io.quarry.infer.Sampling;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/**
 * An assistant that says what a test wrote, token by token. Each UTF-16 unit of the last message is one token of the
 * prompt.
 */
final class Script implements Assistant {
    static final int CONTEXT = 1000;

    /** One turn as the server asked for it. */
    record Asked(String last, int maxTokens, Sampling sampling) {}

    final LinkedBlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Conversation> read = new LinkedBlockingQueue<>();
    final CountDownLatch ended = new CountDownLatch(1);
    private final Function<String, Iterator<String>> lines;

    Script(Function<String, Iterator<String>> lines) {
        this.lines = lines;
    }

    /** Says these tokens, whatever was asked. */
    static Script saying(String... tokens) {
        return new Script(last -> List.of(tokens).iterator());
    }

    @Override
    public int contextLength() {
        return CONTEXT;
    }

    @Override
    public int[] prompt(Conversation conversation) {
        read.add(conversation);
        return conversation.messages().getLast().content().chars().toArray();
    }

    @Override
    public CallMarks calls() {
        return new CallMarks(List.of("<tool_call>"));
    }

    @Override
    public Completion answer(int[] prompt, int maxTokens, Sampling sampling, TextListener listener) {
        String last = new String(prompt, 0, prompt.length);
        asked.add(new Asked(last, maxTokens, sampling));
        int said = 0;
        boolean cut = false;
        try {
            Iterator<String> tokens = lines.apply(last);
            while (!cut && said < maxTokens && tokens.hasNext()) {
                said++;
                cut = !listener.heard(tokens.next());
            }
            Completion.Finish finish = cut
                    ? Completion.Finish.CANCELLED
                    : tokens.hasNext() ? Completion.Finish.LENGTH : Completion.Finish.STOP;
            return new Completion(new int[said], new float[said], finish);
        } finally {
            ended.countDown();
        }
    }
}
