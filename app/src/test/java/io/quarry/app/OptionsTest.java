package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The whole command line, written out: whoever adds an option, adds it here, and sees how many there are. */
class OptionsTest {
    private static final List<String> ALL = List.of("quarry --debug", "quarry --help", "quarry --version",
            "quarry build --debug", "quarry build --help", "quarry build --version", "quarry build --workdir",
            "quarry build RECIPE", "quarry chat --debug", "quarry chat --cache", "quarry chat --gemm",
            "quarry chat --help",
            "quarry chat --max-tokens",
            "quarry chat --seed", "quarry chat --temperature", "quarry chat --version", "quarry chat [MODEL]",
            "quarry serve --debug", "quarry serve --cache", "quarry serve --gemm", "quarry serve --help",
            "quarry serve --host",
            "quarry serve --port",
            "quarry serve --version", "quarry serve [MODEL]", "quarry pull --debug", "quarry pull --help",
            "quarry pull --json", "quarry pull --name", "quarry pull --revision", "quarry pull --sha256",
            "quarry pull --threads", "quarry pull --version", "quarry pull WHAT", "quarry models --debug",
            "quarry models --help", "quarry models --json", "quarry models --threads", "quarry models --version",
            "quarry generate --tokens", "quarry generate --cache", "quarry generate --gemm", "quarry generate --prompt",
            "quarry generate --prompt-file",
            "quarry generate --raw", "quarry generate --max-tokens", "quarry generate --temperature",
            "quarry generate --seed", "quarry generate --debug", "quarry generate --help", "quarry generate --json",
            "quarry generate --threads", "quarry generate --version", "quarry generate MODEL",
            "quarry score --tokens", "quarry score --cache", "quarry score --gemm", "quarry score --text-file",
            "quarry score --logits",
            "quarry score --debug",
            "quarry score --help", "quarry score --json", "quarry score --threads", "quarry score --version",
            "quarry score MODEL", "quarry tokenize --text-file", "quarry tokenize --debug", "quarry tokenize --help",
            "quarry tokenize --json", "quarry tokenize --threads", "quarry tokenize --version",
            "quarry tokenize MODEL", "quarry detokenize --tokens", "quarry detokenize --debug",
            "quarry detokenize --help", "quarry detokenize --json", "quarry detokenize --threads",
            "quarry detokenize --version", "quarry detokenize MODEL", "quarry inspect --tensors",
            "quarry inspect --debug",
            "quarry inspect --help", "quarry inspect --json", "quarry inspect --threads", "quarry inspect --version",
            "quarry inspect MODEL", "quarry convert --type", "quarry convert --force", "quarry convert --text-file",
            "quarry convert --no-perplexity", "quarry convert --debug", "quarry convert --help",
            "quarry convert --json", "quarry convert --threads", "quarry convert --version", "quarry convert IN",
            "quarry convert OUT", "quarry quantize --type", "quarry quantize --force", "quarry quantize --text-file",
            "quarry quantize --no-perplexity", "quarry quantize --debug", "quarry quantize --help",
            "quarry quantize --json", "quarry quantize --threads", "quarry quantize --version", "quarry quantize IN",
            "quarry quantize OUT",
            "quarry chat --top-k", "quarry chat --top-p", "quarry chat --min-p", "quarry chat --repetition-penalty",
            "quarry chat --presence-penalty", "quarry chat --frequency-penalty", "quarry chat --logit-bias",
            "quarry chat --set", "quarry chat --system", "quarry chat --threads",
            "quarry serve --set", "quarry serve --threads",
            "quarry generate --top-k", "quarry generate --top-p", "quarry generate --min-p",
            "quarry generate --repetition-penalty", "quarry generate --presence-penalty",
            "quarry generate --frequency-penalty", "quarry generate --logit-bias", "quarry generate --set",
            "quarry generate --system", "quarry generate --stop", "quarry generate --logprobs",
            "quarry template --messages", "quarry template --tools", "quarry template --documents",
            "quarry template --no-generation-prompt", "quarry template --continue", "quarry template --set",
            "quarry template --json", "quarry template --threads", "quarry template --debug", "quarry template --help",
            "quarry template --version", "quarry template MODEL",
            "quarry bench --prompt", "quarry bench --generate", "quarry bench --batch", "quarry bench --depth",
            "quarry bench --trials", "quarry bench --record", "quarry bench --cache", "quarry bench --gemm",
            "quarry bench --json", "quarry bench --threads", "quarry bench --help", "quarry bench --version",
            "quarry bench --debug", "quarry bench MODEL");

    @Test
    void areThese() {
        List<String> found = new ArrayList<>();
        collect(Quarry.commandLine(), found);
        assertThat(found).containsExactlyInAnyOrderElementsOf(ALL);
    }

    @Test
    void ofOneCommandAreTheSameAsAmongAll() {
        Quarry.commandLine().getSubcommands().forEach((name, command) -> {
            CommandLine alone = Quarry.commandLine(name, "--help");
            assertThat(alone.getSubcommands()).containsOnlyKeys(name);
            List<String> found = new ArrayList<>();
            collect(alone.getSubcommands().get(name), found);
            List<String> expected = new ArrayList<>();
            collect(command, expected);
            assertThat(found).isEqualTo(expected);
        });
        for (String[] others : new String[][] {{}, {"--debug", "build"}, {"buidl"}, {"--help"}})
            assertThat(Quarry.commandLine(others).getSubcommands()).hasSizeGreaterThan(10);
    }

    @Test
    void everyCommandHasExamples() {
        CommandLine quarry = Quarry.commandLine();
        assertThat(quarry.getUsageMessage()).contains("Examples:");
        quarry.getSubcommands().forEach((name, command) -> assertThat(command.getUsageMessage()).as(name)
                .contains("Examples:").contains("quarry " + name));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"buidl | there is no command buidl; did you mean build?",
        "build --wrokdir x r.yaml | there is no option --wrokdir; did you mean --workdir?",
        "build | Missing required parameter: 'RECIPE'", "build a b | there is no further argument b",
        "serve --port http | 'http' is not an int"})
    void misuseIsASentenceAndTwo(String arguments, String sentence) {
        StringWriter err = new StringWriter();
        int code = Quarry.commandLine().setErr(new PrintWriter(err)).execute(arguments.split(" "));
        assertThat(err.toString()).contains(sentence).contains("--help says what there is").doesNotContain("\tat ");
        assertThat(code).isEqualTo(2);
    }

    @Test
    void failureIsASentenceAndOne() {
        StringWriter err = new StringWriter();
        int code = Quarry.commandLine().setErr(new PrintWriter(err)).execute("build", "no-such-recipe.yaml");
        assertThat(err.toString()).isEqualToIgnoringNewLines("quarry: there is no recipe no-such-recipe.yaml");
        assertThat(code).isEqualTo(1);
        StringWriter trace = new StringWriter();
        Quarry.commandLine().setErr(new PrintWriter(trace)).execute("build", "no-such-recipe.yaml", "--debug");
        assertThat(trace.toString()).contains("\tat io.quarry.recipe");
    }

    private static void collect(CommandLine command, List<String> found) {
        String name = command.getCommandSpec().qualifiedName();
        for (OptionSpec option : command.getCommandSpec().options())
            found.add(name + " " + option.longestName());
        for (PositionalParamSpec argument : command.getCommandSpec().positionalParameters())
            found.add(name + " " + (argument.required() ? argument.paramLabel() : "[" + argument.paramLabel() + "]"));
        command.getSubcommands().values().forEach(sub -> collect(sub, found));
    }
}
