package io.quarry.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the tokenizer of a GGUF file as a {@code tokenizer.json} that gives the same tokens. */
final class GgufJson implements Tokenizer.Source {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final GgufVocabulary file;
    private final Vocabulary vocabulary;
    private final List<AddedTokens.Token> added;
    private final int[] before;
    private final int[] after;

    GgufJson(GgufVocabulary file, Vocabulary vocabulary, List<AddedTokens.Token> added, int[] before, int[] after) {
        this.file = file;
        this.vocabulary = vocabulary;
        this.added = added;
        this.before = before;
        this.after = after;
    }

    @Override
    public void write(Path to) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode tokens = root.putArray("added_tokens");
        for (AddedTokens.Token token : added)
            tokens.addObject().put("id", token.id()).put("content", token.content()).put("single_word", false)
                    .put("lstrip", false).put("rstrip", token.rstrip()).put("normalized", false)
                    .put("special", token.special());
        boolean byteLevel = file.model().equals("gpt2");
        if (byteLevel)
            byteLevel(root);
        else
            sentencePiece(root);
        bounds(root);
        model(root, byteLevel);
        Files.write(to, JSON.writeValueAsBytes(root));
    }

    private void byteLevel(ObjectNode root) {
        root.putNull("normalizer");
        GgufPre.named(file.pre()).write(root.putObject("pre_tokenizer").put("type", "Sequence")
                .putArray("pretokenizers"));
        GraniteJson.byteLevel(root.putObject("decoder"), false);
    }

    private void sentencePiece(ObjectNode root) {
        boolean prefix = file.addSpacePrefix() == null || file.addSpacePrefix();
        ArrayNode steps = root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        if (prefix)
            steps.addObject().put("type", "Prepend").put("prepend", Bpe.SPACE);
        steps.addObject().put("type", "Replace").put("content", Bpe.SPACE).putObject("pattern").put("String", " ");
        root.putNull("pre_tokenizer");
        ArrayNode decoders = root.putObject("decoder").put("type", "Sequence").putArray("decoders");
        decoders.addObject().put("type", "Replace").put("content", " ").putObject("pattern").put("String", Bpe.SPACE);
        decoders.addObject().put("type", "ByteFallback");
        decoders.addObject().put("type", "Fuse");
        if (prefix)
            decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }

    private void bounds(ObjectNode root) {
        if (before.length + after.length == 0) {
            root.putNull("post_processor");
            return;
        }
        ObjectNode template = root.putObject("post_processor").put("type", "TemplateProcessing");
        ArrayNode single = template.putArray("single");
        ObjectNode specials = template.putObject("special_tokens");
        for (int id : before)
            special(id, single, specials);
        sequence(single, "A");
        for (int id : after)
            special(id, single, specials);
        sequence(sequence(template.putArray("pair"), "A"), "B");
    }

    private void special(int id, ArrayNode single, ObjectNode specials) {
        String text = vocabulary.text(id);
        single.addObject().putObject("SpecialToken").put("id", text).put("type_id", 0);
        ObjectNode special = specials.putObject(text).put("id", text);
        special.putArray("ids").add(id);
        special.putArray("tokens").add(text);
    }

    private static ArrayNode sequence(ArrayNode template, String name) {
        template.addObject().putObject("Sequence").put("id", name).put("type_id", 0);
        return template;
    }

    private void model(ObjectNode root, boolean byteLevel) {
        ObjectNode model = root.putObject("model").put("type", "BPE").putNull("dropout");
        if (file.unknown() == null || byteLevel)
            model.putNull("unk_token");
        else
            model.put("unk_token", vocabulary.text(file.unknown()));
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix").put("fuse_unk", !byteLevel)
                .put("byte_fallback", !byteLevel)
                .put("ignore_merges", byteLevel && GgufPre.named(file.pre()).ignoreMerges());
        ObjectNode vocab = model.putObject("vocab");
        for (int id = 0; id < file.tokens().length; id++)
            vocab.put(vocabulary.text(id), id);
        ArrayNode merges = model.putArray("merges");
        if (byteLevel) {
            // Of a pair that is there twice, llama.cpp takes the first and Hugging Face the last.
            List.of(file.merges()).stream().distinct().forEach(merges::add);
            return;
        }
        for (int[] merge : new GgufMerges(file, vocabulary).inOrder())
            merges.addArray().add(vocabulary.text(merge[0])).add(vocabulary.text(merge[1]));
    }
}
