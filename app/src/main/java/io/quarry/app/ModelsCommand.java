package io.quarry.app;

import io.quarry.hub.Model;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code quarry models}: what was pulled, with sizes and licences. */
@Command(name = "models", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Lists the models that were pulled, by this program or by Python's tools.", ""}, footer = {"", "Examples:",
        "  quarry models            a line each: name, size, licence, revision, day",
        "  quarry models --json     the same for scripts, with paths"})
final class ModelsCommand implements Callable<Integer> {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ISO_LOCAL_DATE.withZone(ZoneId.systemDefault());

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        List<Model> models = LocalModels.hub().models();
        if (common.json())
            CommonOptions.print(models.stream().map(ModelsCommand::json).toList());
        else
            print(models, new PrintStream(System.out, true, StandardCharsets.UTF_8));
        return 0;
    }

    private static void print(List<Model> models, PrintStream out) {
        if (models.isEmpty()) {
            out.println("No models here yet. quarry pull org/name gets one.");
            return;
        }
        int width = models.stream().mapToInt(model -> model.name().length()).max().orElse(0);
        int licences = models.stream().mapToInt(model -> licence(model).length()).max().orElse(0);
        for (Model model : models)
            out.println(String.format("%-" + width + "s  %8s  %-" + licences + "s  %-16s  %s%s", model.name(),
                    Meter.Numbers.bytes(model.bytes()), licence(model), revision(model), DAY.format(model.pulled()),
                    model.lacks().isEmpty() ? "" : "  unfinished: lacks " + String.join(", ", model.lacks())));
    }

    private static String licence(Model model) {
        return model.licence().orElse("licence not said");
    }

    private static String revision(Model model) {
        if (model.commit().isEmpty())
            return "-";
        String commit = model.commit().substring(0, Math.min(7, model.commit().length()));
        return model.refs().isEmpty() ? commit : commit + " " + model.refs().getFirst();
    }

    private static Map<String, Object> json(Model model) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", model.name());
        json.put("path", model.path().toString());
        json.put("bytes", model.bytes());
        json.put("licence", model.licence().orElse(null));
        json.put("commit", model.commit().isEmpty() ? null : model.commit());
        json.put("refs", model.refs());
        json.put("pulled", model.pulled().toString());
        json.put("lacks", model.lacks());
        return json;
    }
}
