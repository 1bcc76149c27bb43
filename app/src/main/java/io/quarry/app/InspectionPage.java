package io.quarry.app;

import io.quarry.model.Architecture;
import io.quarry.model.ModelSpec;
import io.quarry.model.RopeScaling;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** An {@link Inspection} for people and for scripts. */
record InspectionPage(Inspection of) {
    private static final int FIRST = 8;
    private static final int BYTES_OF_HALF = 2;

    /** How much of a model is stored in one way. */
    private static final class Sum {
        private int tensors;
        private long numbers;
        private long bytes;
    }

    private Map<String, Sum> types() {
        Map<String, Sum> types = new TreeMap<>();
        for (Inspection.Stored tensor : of.tensors()) {
            Sum sum = types.computeIfAbsent(tensor.type(), type -> new Sum());
            sum.tensors++;
            sum.numbers += tensor.numbers();
            sum.bytes += tensor.bytes();
        }
        return types;
    }

    private double bits() {
        return 8.0 * of.bytes() / Math.max(1, of.parameters());
    }

    void print(PrintStream out, boolean all) {
        line(out, "model", of.path() + (of.name().isEmpty() ? "" : " (" + of.name() + ")"));
        line(out, "format", of.format());
        line(out, "architecture", of.architecture() + (of.why() == null ? "" : "; not run: " + of.why()));
        line(out, "parameters", Meter.Numbers.count(of.parameters()) + " in " + of.tensors().size() + " tensors, "
                + Meter.Numbers.bytes(of.bytes()) + String.format(Locale.ROOT, ", %.2f bits each", bits()));
        of.spec().ifPresent(spec -> print(out, spec));
        line(out, "tokenizer", tokenizer());
        line(out, "template", of.templates().isEmpty() ? "none" : String.join(", ", of.templates()));
        line(out, "licence", of.licence().orElse("not said"));
        out.println();
        List<String[]> rows = new ArrayList<>();
        types().forEach((type, sum) -> rows.add(new String[] {type, Integer.toString(sum.tensors),
            Meter.Numbers.count(sum.numbers), Meter.Numbers.bytes(sum.bytes)}));
        Table.print(out, List.of("type", "tensors", "weights", "bytes"), rows);
        out.println();
        rows.clear();
        of.tensors().stream().limit(all ? Long.MAX_VALUE : FIRST).forEach(
                tensor -> rows.add(new String[] {tensor.name(), tensor.shape().toString(), tensor.type(),
                    Meter.Numbers.bytes(tensor.bytes())}));
        Table.print(out, List.of("tensor", "shape", "type", "bytes"), rows);
        if (rows.size() < of.tensors().size())
            out.println("and " + (of.tensors().size() - rows.size()) + " more; --tensors lists all");
    }

    private static void line(PrintStream out, String what, String text) {
        out.printf("%-13s %s%n", what, text.replaceAll("\\p{Cntrl}", "?"));
    }

    private void print(PrintStream out, ModelSpec s) {
        Architecture a = s.architecture();
        line(out, "sizes", s.layers() + " layers, width " + s.dim() + ", " + s.heads() + " heads of " + s.headDim()
                + ", " + s.kvHeads() + " for keys and values, feed-forward " + s.ffn() + ", vocabulary "
                + s.vocabulary() + (s.tiedEmbeddings() ? ", output is the embedding" : ""));
        if (a.experts() != null)
            line(out, "experts", a.experts().count() + " of width " + a.experts().ffn() + ", " + a.experts().used()
                    + " for each token" + (a.experts().shared() ? ", and one for all" : ""));
        if (a.mamba() != null)
            line(out, "mamba", a.mamba().heads() + " heads of " + a.mamba().headDim() + ", state " + a.mamba().state()
                    + ", " + a.blocks().stream().filter(b -> b.mixer() == Architecture.Mixer.MAMBA).count()
                    + " of the layers");
        if (a.family().startsWith("granite"))
            line(out, "multipliers", "embedding " + number(s.embeddingMultiplier()) + ", attention "
                    + number(s.attentionMultiplier()) + ", residual " + number(s.residualMultiplier()) + ", logits / "
                    + number(s.logitsScaling()));
        line(out, "context", s.contextLength() + " tokens; keys and values take "
                + Meter.Numbers.bytes(s.kvBytesPerToken(BYTES_OF_HALF)) + " each as halves");
        line(out, "rope", "base " + number(s.ropeTheta()) + ", " + scaling(a.scaling()) + ", " + a.rotaryDim()
                + " of " + s.headDim() + " components turn"
                + (a.localRopeTheta() > 0 ? "; base " + number(a.localRopeTheta()) + " in layers with a window" : ""));
    }

    private String tokenizer() {
        TokenizerFacts t = of.tokens();
        if (t.kind() == null)
            return "none: the model takes token ids only";
        if (t.why() != null)
            return t.kind() + "; not read: " + t.why();
        return t.kind() + ", " + t.vocabulary() + " tokens" + of.spec().map(spec -> ", begin " + token(spec.bos())
                + ", end " + token(spec.eos()) + ", fill " + token(spec.pad())).orElse("");
    }

    private String token(int id) {
        return id + " " + of.tokens().token().apply(id);
    }

    private static String number(double n) {
        return n == Math.rint(n) && Math.abs(n) < 1e15 ? Long.toString((long) n) : Double.toString(n);
    }

    private static String scaling(RopeScaling scaling) {
        return switch (scaling) {
            case RopeScaling.None none -> "not scaled";
            case RopeScaling.Linear linear -> "linear by " + number(linear.factor());
            case RopeScaling.Dynamic dynamic ->
                "dynamic by " + number(dynamic.factor()) + " beyond " + dynamic.trained();
            case RopeScaling.Yarn yarn -> "yarn by " + number(yarn.factor()) + " from " + yarn.trained();
            case RopeScaling.Llama3 llama3 -> "llama3 by " + number(llama3.factor()) + " from " + llama3.trained();
            case RopeScaling.LongRope longRope -> "a factor for each frequency, others beyond " + longRope.trained();
        };
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("path", of.path().toString());
        json.put("format", of.format());
        json.put("name", of.name());
        json.put("architecture", of.architecture());
        json.put("runs", of.why() == null);
        json.put("whyNot", of.why());
        json.put("parameters", of.parameters());
        json.put("bytes", of.bytes());
        json.put("bitsPerWeight", bits());
        of.spec().ifPresent(spec -> sizes(spec, json));
        TokenizerFacts t = of.tokens();
        Map<String, Object> tokenizer = new LinkedHashMap<>();
        tokenizer.put("kind", t.kind());
        tokenizer.put("vocabulary", t.vocabulary());
        tokenizer.put("whyNotRead", t.why());
        json.put("tokenizer", t.kind() == null ? null : tokenizer);
        json.put("templates", of.templates());
        json.put("licence", of.licence().orElse(null));
        Map<String, Object> types = new LinkedHashMap<>();
        types().forEach((type, sum) -> types.put(type,
                Map.of("tensors", sum.tensors, "weights", sum.numbers, "bytes", sum.bytes)));
        json.put("types", types);
        json.put("tensors", of.tensors());
        return json;
    }

    private static void sizes(ModelSpec s, Map<String, Object> json) {
        Architecture a = s.architecture();
        json.put("layers", s.layers());
        json.put("dim", s.dim());
        json.put("heads", s.heads());
        json.put("kvHeads", s.kvHeads());
        json.put("headDim", s.headDim());
        json.put("ffn", s.ffn());
        json.put("vocabulary", s.vocabulary());
        json.put("tiedEmbeddings", s.tiedEmbeddings());
        json.put("contextLength", s.contextLength());
        json.put("kvBytesPerToken", s.kvBytesPerToken(BYTES_OF_HALF));
        json.put("ropeTheta", s.ropeTheta());
        json.put("ropeScaling", scaling(a.scaling()));
        json.put("embeddingMultiplier", s.embeddingMultiplier());
        json.put("attentionMultiplier", s.attentionMultiplier());
        json.put("residualMultiplier", s.residualMultiplier());
        json.put("logitsScaling", s.logitsScaling());
        json.put("bos", s.bos());
        json.put("eos", s.eos());
        json.put("pad", s.pad());
        if (a.experts() != null)
            json.put("experts", a.experts());
        if (a.mamba() != null)
            json.put("mamba", a.mamba());
    }
}
