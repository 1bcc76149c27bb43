package io.quarry.ledger;

import java.util.List;
import java.util.Map;

/**
 * What an artifact is and where it comes from; stored as {@code manifest.json}, written last.
 *
 * @param stage   name of the stage that made it, for instance {@code pretrain.p1}
 * @param kind    what it holds: documents, tokenizer, tokens, checkpoint, samples, scores, report
 * @param key     SHA-256 over (stage, stage version, its part of the recipe, content hashes of the inputs)
 * @param content SHA-256 over the sorted names and hashes of its files
 * @param parents content hashes of the inputs by the name the stage knows them by
 * @param recipe  hash of the whole resolved recipe of the run that made it
 * @param facts   numbers for the report: counts, losses, tokens/s, peak memory
 * @param files   its files, sorted by name
 * @param version version of Quarry that made it
 * @param created when it was finished, ISO 8601
 * @param seconds how long it took
 */
public record Manifest(String stage, String kind, String key, String content, Map<String, String> parents,
        String recipe, Map<String, Object> facts, List<FileEntry> files, String version, String created,
        double seconds) {

    /** One file of an artifact: path relative to its folder with '/' between names, SHA-256, size in bytes. */
    public record FileEntry(String name, String sha256, long bytes) {}
}
