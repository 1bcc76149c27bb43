package io.quarry.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The architectures that are converted: what GGUF files and Hugging Face folders call them. A mistral is a llama in GGUF
 * files, and comes back as one.
 */
enum Family {
    /** Granite 3 and 4.1, and 4.0 without Mamba layers. */
    GRANITE("granite", "granite", "GraniteForCausalLM"),
    /** Granite 3 with experts. */
    GRANITE_MOE("granitemoe", "granitemoe", "GraniteMoeForCausalLM"),
    /** The same with an expert that all tokens share. */
    GRANITE_MOE_SHARED("granitemoe", "granitemoeshared", "GraniteMoeSharedForCausalLM"),
    /** Granite 4.0 with Mamba layers. */
    GRANITE_HYBRID("granitehybrid", "granitemoehybrid", "GraniteMoeHybridForCausalLM"),
    /** Llama 2 and 3, and what is built like them. */
    LLAMA("llama", "llama", "LlamaForCausalLM"),
    /** Mistral. */
    MISTRAL("llama", "mistral", "MistralForCausalLM"),
    /** Qwen 2 and 2.5. */
    QWEN2("qwen2", "qwen2", "Qwen2ForCausalLM"),
    /** Qwen 3. */
    QWEN3("qwen3", "qwen3", "Qwen3ForCausalLM"),
    /** Gemma 2. */
    GEMMA2("gemma2", "gemma2", "Gemma2ForCausalLM"),
    /** Gemma 3, the part for text. */
    GEMMA3("gemma3", "gemma3_text", "Gemma3ForCausalLM"),
    /** Phi 3 and 4. */
    PHI3("phi3", "phi3", "Phi3ForCausalLM");

    final String gguf;
    final String modelType;
    final String hfClass;

    Family(String gguf, String modelType, String hfClass) {
        this.gguf = gguf;
        this.modelType = modelType;
        this.hfClass = hfClass;
    }

    /** The family that {@code model_type} of a config.json names. */
    static Optional<Family> ofModelType(String modelType) {
        return Arrays.stream(values()).filter(f -> f.modelType.equals(modelType)).findFirst();
    }

    /** The first family that GGUF files call so. */
    static Optional<Family> ofGguf(String architecture) {
        return Arrays.stream(values()).filter(f -> f.gguf.equals(architecture)).findFirst();
    }

    boolean granite() {
        return gguf.startsWith("granite");
    }

    boolean gemma() {
        return gguf.startsWith("gemma");
    }

    static List<String> modelTypes() {
        return Arrays.stream(values()).map(f -> f.modelType).toList();
    }

    static List<String> architectures() {
        return Arrays.stream(values()).map(f -> f.gguf).distinct().toList();
    }
}
