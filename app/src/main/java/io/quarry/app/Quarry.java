package io.quarry.app;

import io.quarry.recipe.Nearest;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code quarry}. Exit codes: 0 done, 1 failed with a sentence, 2 used wrongly, 130 stopped by Ctrl-C. */
@Command(name = "quarry", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Builds a small Granite language model from openly licensed text, and runs it.", ""}, footer = {"",
        "Examples:", "  quarry build recipes/nano.yaml   the whole chain, about 20 minutes on 2 cores",
        "  quarry chat                      talk to the model that was built last",
        "  quarry serve --port 8080         OpenAI-compatible server and a chat page",
        "  quarry pull org/name             bring a model from the Hugging Face hub"})
public final class Quarry implements Runnable {
    private static final List<Class<?>> COMMANDS = List.of(BuildCommand.class, ChatCommand.class, ServeCommand.class,
            PullCommand.class, ModelsCommand.class, GenerateCommand.class, TemplateCommand.class, ScoreCommand.class,
            TokenizeCommand.class, DetokenizeCommand.class, InspectCommand.class, ConvertCommand.class,
            QuantizeCommand.class, BenchCommand.class);

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show where in the code a failure happened.")
    private boolean debug;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    public static void main(String[] args) {
        System.exit(commandLine(args).execute(args));
    }

    /**
     * All commands, or only the one that the first argument names: to read the options of all takes longer than all else
     * before a model is opened.
     */
    static CommandLine commandLine(String... args) {
        Quarry quarry = new Quarry();
        CommandLine all = new CommandLine(quarry);
        List<Class<?>> named = COMMANDS.stream()
                .filter(each -> args.length > 0 && each.getAnnotation(Command.class).name().equals(args[0])).toList();
        (named.isEmpty() ? COMMANDS : named).forEach(all::addSubcommand);
        return all.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler(Quarry::misused)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (quarry.debug || System.getenv("QUARRY_DEBUG") != null)
                        failure.printStackTrace(command.getErr());
                    command.getErr().println("quarry: " + Failure.sentence(failure));
                    return 1;
                });
    }

    private static int misused(ParameterException misuse, String[] args) {
        CommandLine command = misuse.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("quarry: " + sentence(misuse));
        err.println("        " + command.getCommandSpec().qualifiedName() + " --help says what there is");
        return 2;
    }

    private static String sentence(ParameterException misuse) {
        if (!(misuse instanceof UnmatchedArgumentException unmatched))
            return misuse.getMessage();
        String first = unmatched.getUnmatched().getFirst();
        String kind = first.startsWith("-")
                ? "option"
                : misuse.getCommandLine().getSubcommands().isEmpty() ? "further argument" : "command";
        CommandLine command = misuse.getCommandLine();
        List<String> words = kind.equals("option")
                ? List.copyOf(command.getCommandSpec().optionsMap().keySet())
                : List.copyOf(command.getSubcommands().keySet());
        return "there is no " + kind + " " + first
                + Nearest.of(first, words).map(near -> "; did you mean " + near + "?").orElse("");
    }
}
