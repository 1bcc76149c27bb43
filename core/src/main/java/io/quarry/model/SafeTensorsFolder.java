package io.quarry.model;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The weights of a Hugging Face folder: {@code model.safetensors}, or the shards that {@code model.safetensors.index.json}
 * names. A weight of eight bits (compressed-tensors, as LLM Compressor writes it) comes with the {@code weight_scale} that
 * stands beside it: one number for each row, or one for all. Scales of activations are left out, because activations are
 * not rounded here.
 */
public final class SafeTensorsFolder implements Tensors {
    static final String FILE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";
    private static final String SCALE = "_scale";
    private static final List<String> OF_ACTIVATIONS = List.of(".input_scale", ".output_scale");
    /** Of an index or a config; the largest indices have some megabytes. */
    private static final long MAX_JSON = 1L << 24;
    private static final int MOST_SHARDS = 4096;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Path dir;
    private final List<SafeTensors> shards;
    private final SequencedMap<String, Tensor> tensors;

    private SafeTensorsFolder(Path dir, List<SafeTensors> shards, SequencedMap<String, Tensor> tensors) {
        this.dir = dir;
        this.shards = shards;
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
    }

    /** Maps and checks all files of the weights. */
    public static SafeTensorsFolder open(Path dir) throws IOException {
        checkQuantisation(dir.resolve(Config.FILE));
        List<SafeTensors> shards = new ArrayList<>();
        try {
            SequencedMap<String, Tensor> stored = new LinkedHashMap<>();
            Map<String, String> index = Files.isRegularFile(dir.resolve(FILE)) ? Map.of() : index(dir);
            for (String name : index.isEmpty() ? List.of(FILE) : new TreeSet<>(index.values())) {
                SafeTensors shard = SafeTensors.open(dir.resolve(name));
                shards.add(shard);
                for (Tensor tensor : shard.tensors().values())
                    if (stored.putIfAbsent(tensor.name(), tensor) != null)
                        throw new IOException(
                                shard.path() + ", tensor " + tensor.name() + ": another shard has it too");
                if (stored.size() > MOST)
                    throw new IOException(dir + ": its shards have more than " + MOST + " tensors");
            }
            checkIndex(dir, index, shards);
            return new SafeTensorsFolder(dir, List.copyOf(shards), scaled(dir, stored));
        } catch (IOException | RuntimeException e) {
            shards.forEach(SafeTensors::close);
            throw e;
        }
    }

    /** The name of the shard of every tensor. */
    private static Map<String, String> index(Path dir) throws IOException {
        Path file = dir.resolve(INDEX);
        if (!Files.isRegularFile(file))
            throw new IOException(
                    dir + " has neither " + FILE + " nor " + INDEX + "; other formats of weights are not read");
        JsonNode map = json(file).path("weight_map");
        if (!map.isObject() || map.isEmpty())
            throw new IOException(file + ": weight_map must be an object with a file for every tensor, found "
                    + (map.isMissingNode() ? "nothing" : map.getNodeType()));
        Map<String, String> index = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String shard = entry.getValue().asString("");
            if (!shard.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*\\.safetensors"))
                throw new IOException(file + ", tensor " + entry.getKey() + ": found " + entry.getValue()
                        + ", expected the name of a safetensors file beside it");
            index.put(entry.getKey(), shard);
        }
        if (new TreeSet<>(index.values()).size() > MOST_SHARDS)
            throw new IOException(file + " names more than " + MOST_SHARDS + " shards");
        return index;
    }

    private static void checkIndex(Path dir, Map<String, String> index, List<SafeTensors> shards) throws IOException {
        Map<String, SafeTensors> byName = new LinkedHashMap<>();
        for (SafeTensors shard : shards)
            byName.put(shard.path().getFileName().toString(), shard);
        for (Map.Entry<String, String> entry : index.entrySet())
            if (!byName.get(entry.getValue()).tensors().containsKey(entry.getKey()))
                throw new IOException(dir.resolve(INDEX) + " says that " + entry.getKey() + " is in " + entry.getValue()
                        + ", where it is not");
    }

    /** Weights of eight bits together with their scales, which are no tensors of the model any more. */
    private static SequencedMap<String, Tensor> scaled(Path dir, SequencedMap<String, Tensor> stored)
            throws IOException {
        SequencedMap<String, Tensor> all = new LinkedHashMap<>(stored);
        for (Tensor tensor : stored.values()) {
            if (tensor.dtype() != DType.F8_E4M3)
                continue;
            Tensor scale = all.remove(tensor.name() + SCALE);
            if (scale == null)
                throw new IOException(dir + ", tensor " + tensor.name() + " is stored as F8_E4M3 and has no "
                        + tensor.name() + SCALE + " beside it");
            if (scale.dtype().block() != 1 || scale.dtype() == DType.F8_E4M3)
                throw new IOException(dir + ", tensor " + scale.name() + " is stored as " + scale.dtype()
                        + ", expected F32, F16 or BF16");
            try {
                all.put(tensor.name(),
                        new Tensor(tensor.name(), tensor.dtype(), tensor.shape(), tensor.data(), scale));
            } catch (IllegalArgumentException e) {
                throw new IOException(dir + ", tensor " + e.getMessage(), e);
            }
            String layer = tensor.name().substring(0, Math.max(0, tensor.name().lastIndexOf('.')));
            OF_ACTIVATIONS.forEach(suffix -> all.remove(layer + suffix));
        }
        return all;
    }

    /** Other ways to quantise put other tensors in the files; which one it is says config.json. */
    private static void checkQuantisation(Path config) throws IOException {
        if (!Files.isRegularFile(config))
            return;
        JsonNode quantisation = json(config).path("quantization_config");
        if (quantisation.isMissingNode() || quantisation.isNull())
            return;
        String method = quantisation.path("quant_method").asString("");
        String format = quantisation.path("format").asString("");
        if (!method.equals("compressed-tensors") || !format.equals("float-quantized"))
            throw new IOException(config + ", quantization_config: found method '" + method + "' with format '" + format
                    + "', only compressed-tensors with float-quantized (FP8) is read");
    }

    private static JsonNode json(Path file) throws IOException {
        long size = Files.size(file);
        if (size > MAX_JSON)
            throw new IOException(file + " has " + size + " bytes, expected at most " + MAX_JSON);
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new IOException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** The folder. */
    @Override
    public Path path() {
        return dir;
    }

    /** The tensors of all shards by name. */
    @Override
    public SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    @Override
    public void close() {
        shards.forEach(SafeTensors::close);
    }
}
