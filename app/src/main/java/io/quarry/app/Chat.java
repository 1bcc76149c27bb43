package io.quarry.app;

import io.quarry.jinja.TemplateException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Talks with a person at a terminal, or reads lines from a pipe and prints the answers. */
final class Chat {
    private static final String HELP = """
            /system TEXT   set the system message and begin anew
            /reset         forget what was said
            /exit          leave (or Ctrl-D)
            Ctrl-C stops an answer; arrow keys bring back what you asked.""";

    private final Dialogue dialogue;
    private final PrintWriter out;
    private final boolean verbose;
    private final AtomicBoolean stopped = new AtomicBoolean();

    /** @param verbose whether to say more than the answers: for a person, not for a pipe */
    private Chat(Dialogue dialogue, PrintWriter out, boolean verbose) {
        this.dialogue = dialogue;
        this.out = out;
        this.verbose = verbose;
    }

    /** Every line is a turn; only answers are printed. */
    static void piped(Dialogue dialogue, BufferedReader in, PrintWriter out) throws IOException {
        Chat chat = new Chat(dialogue, out, false);
        for (String line; (line = in.readLine()) != null;)
            if (!chat.take(line))
                return;
    }

    /** @param history file that keeps what was asked, over sessions */
    static void terminal(Dialogue dialogue, Path history, String greeting) throws IOException {
        Files.createDirectories(history.getParent());
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            Chat chat = new Chat(dialogue, terminal.writer(), true);
            terminal.handle(Terminal.Signal.INT, _ -> chat.stopped.set(true));
            LineReader reader = LineReaderBuilder.builder().terminal(terminal).appName("quarry")
                    .variable(LineReader.HISTORY_FILE, history).option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                    .build();
            chat.say(greeting);
            while (chat.takeFrom(reader))
                chat.stopped.set(false);
        }
    }

    private boolean takeFrom(LineReader reader) {
        try {
            return take(reader.readLine("> "));
        } catch (UserInterruptException e) {
            say("(Ctrl-D or /exit leaves)");
            return true;
        } catch (EndOfFileException e) {
            return false;
        }
    }

    /** One line of the person; false when it is the last. */
    private boolean take(String line) {
        String text = line.strip();
        String[] words = text.split("\\s+", 2);
        switch (words[0]) {
            case "" -> out.flush();
            case "/exit", "/quit" -> {
                return false;
            }
            case "/reset" -> {
                dialogue.reset();
                say("(forgotten)");
            }
            case "/system" -> {
                dialogue.system(words.length > 1 ? words[1] : "");
                say(words.length > 1 ? "(set, and begun anew)" : "(no system message, and begun anew)");
            }
            case "/help" -> say(HELP);
            default -> {
                if (verbose && words[0].matches("/[a-z]+"))
                    say("there is no command " + words[0] + "; there is\n" + HELP);
                else
                    answer(text);
            }
        }
        return true;
    }

    private void answer(String text) {
        long start = System.nanoTime();
        try {
            Dialogue.Turn turn = dialogue.ask(text, piece -> {
                out.print(piece);
                out.flush();
            }, () -> !stopped.get());
            out.println();
            out.flush();
            double seconds = (System.nanoTime() - start) / 1e9;
            say("(" + note(turn) + String.format(Locale.ROOT, "%d tokens, %.0f/s)", turn.tokens(),
                    turn.tokens() / Math.max(seconds, 1e-9)));
        } catch (IllegalArgumentException | TemplateException e) {
            out.println(e.getMessage());
            out.flush();
        }
    }

    private static String note(Dialogue.Turn turn) {
        String forgotten = turn.forgotten() == 0
                ? ""
                : "the " + turn.forgotten() + " earliest turns no longer fit and are forgotten; ";
        return forgotten + switch (turn.finish()) {
            case STOP, STOP_STRING -> "";
            case LENGTH -> "cut at its longest length; ";
            case CANCELLED -> "stopped; ";
        };
    }

    private void say(String text) {
        if (verbose) {
            out.println(text);
            out.flush();
        }
    }
}
