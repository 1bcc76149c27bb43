package io.quarry.hub;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of the forms in which a repository holds the weights of a model: safetensors, or GGUF files of one type each.
 *
 * @param label what tells it from the others: the type of a GGUF file ({@code Q4_K_M}), else its name; empty for safetensors
 * @param files its files in the order of the shards; for safetensors with the index at the front
 * @param lacks shards that are named by the others but are not there
 */
record Variant(String label, List<String> files, List<String> lacks) {
    private static final String INDEX = "model.safetensors.index.json";
    private static final Pattern TENSORS = Pattern.compile("model(?:-(\\d{5})-of-(\\d{5}))?\\.safetensors");
    private static final Pattern GGUF = Pattern.compile("(?<stem>.+?)(?:-(?<at>\\d{5})-of-(?<of>\\d{5}))?\\.gguf");
    /** A type at the end of a file's name. */
    private static final Pattern TYPE = Pattern.compile(
            "(?:^|[-._])((?:UD-)?(?:I?Q\\d+(?:_[A-Z0-9]+)*|TQ\\d+_\\d+|B?F16|FP16|F32|MXFP4(?:_[A-Z0-9]+)*))$",
            Pattern.CASE_INSENSITIVE);
    /** GGUF files that are no language model: projectors of pictures, statistics for quantisation, draft heads. */
    private static final Pattern OTHER = Pattern.compile("(?:^|.*[-._/])(?:mmproj|imatrix)(?:[-._].*|$)",
            Pattern.CASE_INSENSITIVE);
    private static final int MAX_SHARDS = 9999;

    /** Whether it is opened by its (first) file, not by its folder. */
    boolean isFile() {
        return !label.isEmpty();
    }

    String first() {
        return files.getFirst();
    }

    /** All forms among these files, safetensors first, then by label. */
    static List<Variant> of(Collection<String> names) {
        List<Variant> all = new ArrayList<>();
        tensors(names, all);
        Map<String, Variant> byStem = new TreeMap<>();
        for (String name : names) {
            Matcher m = GGUF.matcher(name);
            if (m.matches() && !OTHER.matcher(m.group("stem")).matches())
                byStem.computeIfAbsent(m.group("stem") + "-of-" + m.group("of"), _ -> gguf(m, names));
        }
        all.addAll(byStem.values());
        return all;
    }

    private static void tensors(Collection<String> names, List<Variant> all) {
        if (names.contains("model.safetensors")) {
            all.add(new Variant("", List.of("model.safetensors"), List.of()));
            return;
        }
        List<String> shards = names.stream().filter(name -> TENSORS.matcher(name).matches()).sorted().toList();
        if (shards.isEmpty() && !names.contains(INDEX))
            return;
        List<String> files = new ArrayList<>();
        List<String> lacks = new ArrayList<>();
        (names.contains(INDEX) ? files : lacks).add(INDEX);
        if (shards.isEmpty())
            lacks.add("its shards");
        else {
            Matcher m = TENSORS.matcher(shards.getFirst());
            if (m.matches())
                shards("model", m.group(2), ".safetensors", names, files, lacks);
        }
        all.add(new Variant("", files, lacks));
    }

    private static Variant gguf(Matcher m, Collection<String> names) {
        String stem = m.group("stem");
        String base = stem.substring(stem.lastIndexOf('/') + 1);
        Matcher type = TYPE.matcher(base);
        String label = type.find() ? type.group(1).toUpperCase(Locale.ROOT) : base;
        if (m.group("of") == null)
            return new Variant(label, List.of(m.group()), List.of());
        List<String> files = new ArrayList<>();
        List<String> lacks = new ArrayList<>();
        shards(stem, m.group("of"), ".gguf", names, files, lacks);
        return new Variant(label, files, lacks);
    }

    private static void shards(String stem, String of, String ending, Collection<String> names, List<String> files,
            List<String> lacks) {
        int count = Math.min(Integer.parseInt(of), MAX_SHARDS);
        for (int i = 1; i <= count; i++) {
            String name = String.format(Locale.ROOT, "%s-%05d-of-%s%s", stem, i, of, ending);
            (names.contains(name) ? files : lacks).add(name);
        }
    }
}
