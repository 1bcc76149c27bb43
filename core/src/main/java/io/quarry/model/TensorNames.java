package io.quarry.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the tensors of an architecture are called in GGUF files and in Hugging Face folders, and what else differs: written
 * once, used both ways.
 */
final class TensorNames {
    /** What happens to the numbers on the way to GGUF; each can be undone. */
    private enum Kind {
        /** Nothing. */
        PLAIN,
        /** Rows of a head go from halves (i, i + d/2) to pairs (2i, 2i + 1), which llama.cpp turns. */
        HEADS,
        /** A gain g is kept as 1 + g. */
        GAIN,
        /** {@code A_log} is kept as -e^A, a column. */
        DECAY,
        /** A vector is kept as a column. */
        COLUMN,
        /** The taps of a convolution lose the dimension of size 1 in the middle. */
        TAPS,
        /** The gain of a norm is kept with a row for each group. */
        GROUPS,
        /** Gate and up projection, one matrix at Hugging Face, are two; with experts or without. */
        GATE_UP
    }

    private record Rule(String hf, List<String> gguf, Kind kind) {}

    private static final Pattern LAYER = Pattern.compile("(model\\.layers|blk)\\.(\\d{1,6})\\.(.*)");

    private final String where;
    private final int headDim;
    private final int groups;
    private final Map<String, Rule> byHf = new HashMap<>();
    private final Map<String, Rule> byGguf = new HashMap<>();

    /**
     * The names of one architecture.
     *
     * @param where        the file, for messages
     * @param architecture as GGUF files call it
     * @param experts      whether its feed-forward part has experts
     * @param headDim      size of one head
     * @param groups       groups of a Mamba-2 mixer; 1 where there is none
     */
    TensorNames(String where, String architecture, boolean experts, int headDim, int groups) throws IOException {
        this.where = where;
        this.headDim = headDim;
        this.groups = groups;
        rule("model.embed_tokens", "token_embd", Kind.PLAIN);
        rule("lm_head", "output", Kind.PLAIN);
        boolean gemma = architecture.startsWith("gemma");
        Kind norm = gemma ? Kind.GAIN : Kind.PLAIN;
        rule("model.norm", "output_norm", norm);
        layer("input_layernorm", "attn_norm", norm);
        switch (architecture) {
            case "granite", "llama", "qwen2", "qwen3", "granitemoe", "granitehybrid", "phi3" ->
                layer("post_attention_layernorm", "ffn_norm", norm);
            case "gemma2", "gemma3" -> {
                layer("post_attention_layernorm", "post_attention_norm", norm);
                layer("pre_feedforward_layernorm", "ffn_norm", norm);
                layer("post_feedforward_layernorm", "post_ffw_norm", norm);
            }
            default ->
                throw new IOException(where + ": no names are known for the architecture '" + architecture + "'");
        }
        boolean pairs = architecture.equals("llama") || architecture.startsWith("granite");
        attention(pairs ? Kind.HEADS : Kind.PLAIN, norm);
        if (architecture.equals("phi3")) {
            layer("self_attn.qkv_proj", "attn_qkv", Kind.PLAIN);
            layer("mlp.gate_up_proj", "ffn_up", Kind.PLAIN);
            layer("mlp.down_proj", "ffn_down", Kind.PLAIN);
        } else if (architecture.equals("granitemoe") || architecture.equals("granitehybrid")) {
            experts(experts);
        } else {
            layer("mlp.gate_proj", "ffn_gate", Kind.PLAIN);
            layer("mlp.up_proj", "ffn_up", Kind.PLAIN);
            if (architecture.equals("granite"))
                experts(false); // a hybrid without Mamba layers is a granite with other names for its matrices
            layer("mlp.gate_proj", "ffn_gate", Kind.PLAIN);
            layer("mlp.up_proj", "ffn_up", Kind.PLAIN);
            layer("mlp.down_proj", "ffn_down", Kind.PLAIN);
        }
        if (architecture.equals("granitehybrid"))
            mamba();
    }

    private void attention(Kind heads, Kind norm) {
        layer("self_attn.q_proj", "attn_q", heads);
        layer("self_attn.k_proj", "attn_k", heads);
        layer("self_attn.v_proj", "attn_v", Kind.PLAIN);
        layer("self_attn.o_proj", "attn_output", Kind.PLAIN);
        layer("self_attn.q_norm", "attn_q_norm", norm);
        layer("self_attn.k_norm", "attn_k_norm", norm);
    }

    private void experts(boolean experts) {
        String shared = experts ? "_shexp" : "";
        layer("block_sparse_moe.router.layer", "ffn_gate_inp", Kind.PLAIN);
        add(new Rule("{}.block_sparse_moe.input_linear.weight",
                List.of("{}.ffn_gate_exps.weight", "{}.ffn_up_exps.weight"), Kind.GATE_UP));
        layer("block_sparse_moe.output_linear", "ffn_down_exps", Kind.PLAIN);
        add(new Rule("{}.shared_mlp.input_linear.weight",
                List.of("{}.ffn_gate" + shared + ".weight", "{}.ffn_up" + shared + ".weight"), Kind.GATE_UP));
        layer("shared_mlp.output_linear", "ffn_down" + shared, Kind.PLAIN);
    }

    private void mamba() {
        layer("mamba.in_proj", "ssm_in", Kind.PLAIN);
        add(new Rule("{}.mamba.conv1d.weight", List.of("{}.ssm_conv1d.weight"), Kind.TAPS));
        add(new Rule("{}.mamba.conv1d.bias", List.of("{}.ssm_conv1d.bias"), Kind.PLAIN));
        add(new Rule("{}.mamba.dt_bias", List.of("{}.ssm_dt.bias"), Kind.PLAIN));
        add(new Rule("{}.mamba.A_log", List.of("{}.ssm_a"), Kind.DECAY));
        add(new Rule("{}.mamba.D", List.of("{}.ssm_d"), Kind.COLUMN));
        add(new Rule("{}.mamba.norm.weight", List.of("{}.ssm_norm.weight"), Kind.GROUPS));
        layer("mamba.out_proj", "ssm_out", Kind.PLAIN);
    }

    private void layer(String hf, String gguf, Kind kind) {
        rule("{}." + hf, "{}." + gguf, kind);
    }

    private void rule(String hf, String gguf, Kind kind) {
        for (String part : List.of(".weight", ".bias"))
            add(new Rule(hf + part, List.of(gguf + part), kind));
    }

    private void add(Rule rule) {
        byHf.put(rule.hf(), rule);
        rule.gguf().forEach(name -> byGguf.put(name, rule));
    }

    /** {@code {}.attn_q.weight} and the layer, for {@code blk.7.attn_q.weight}. */
    private record Split(String pattern, String layer) {
        static Split of(String name) {
            Matcher match = LAYER.matcher(name);
            return match.matches() ? new Split("{}." + match.group(3), match.group(2)) : new Split(name, "");
        }

        String in(String pattern, String prefix) {
            return pattern.replace("{}", prefix + layer);
        }
    }

    /** The tensors of a GGUF file for those of a Hugging Face folder. */
    List<Derived> toGguf(Iterable<Tensor> tensors) throws IOException {
        List<Derived> all = new ArrayList<>();
        for (Tensor tensor : tensors) {
            Split name = Split.of(tensor.name());
            Rule rule = byHf.get(name.pattern());
            if (rule == null)
                throw unknown(tensor.name());
            for (int part = 0; part < rule.gguf().size(); part++)
                all.add(toGguf(rule.kind(), name.in(rule.gguf().get(part), "blk."), tensor, part));
        }
        return all;
    }

    private Derived toGguf(Kind kind, String name, Tensor t, int part) throws IOException {
        return switch (kind) {
            case PLAIN -> Derived.same(name, t);
            case HEADS -> heads(name, t, r -> r / 2 + r % 2 * (headDim / 2));
            case GAIN -> Derived.same(name, t).changed(g -> g + 1);
            case DECAY -> Derived.shaped(name, List.of(t.elements(), 1L), t).changed(a -> (float) -Math.exp(a));
            case COLUMN -> Derived.shaped(name, List.of(t.elements(), 1L), t);
            case TAPS -> Derived.shaped(name, List.of(shape(t, 3).get(0), shape(t, 3).get(2)), t);
            case GROUPS -> Derived.shaped(name, List.of((long) groups, Math.ceilDiv(t.elements(), groups)), t);
            case GATE_UP -> part(name, t, part);
        };
    }

    /** The tensors of a Hugging Face folder for those of a GGUF file; factors of RoPE belong to its config. */
    List<Derived> toHf(Map<String, Tensor> tensors) throws IOException {
        Map<String, Derived> all = new LinkedHashMap<>();
        for (Tensor tensor : tensors.values()) {
            Split name = Split.of(tensor.name());
            if (name.pattern().startsWith("rope_f"))
                continue;
            Rule rule = byGguf.get(name.pattern());
            if (rule == null)
                throw unknown(tensor.name());
            List<Tensor> from = new ArrayList<>();
            for (String part : rule.gguf()) {
                Tensor found = tensors.get(name.in(part, "blk."));
                if (found == null)
                    throw new IOException(where + " has " + tensor.name() + " and no " + name.in(part, "blk."));
                from.add(found);
            }
            String hf = name.in(rule.hf(), "model.layers.");
            all.putIfAbsent(hf, toHf(rule.kind(), hf, from));
        }
        return List.copyOf(all.values());
    }

    private Derived toHf(Kind kind, String name, List<Tensor> from) throws IOException {
        Tensor t = from.getFirst();
        return switch (kind) {
            case PLAIN -> Derived.same(name, t);
            case HEADS -> heads(name, t, r -> r % (headDim / 2) * 2 + r / (headDim / 2));
            case GAIN -> Derived.same(name, t).changed(g -> g - 1);
            case DECAY -> Derived.shaped(name, List.of(t.elements()), t).changed(a -> (float) Math.log(-a));
            case COLUMN, GROUPS -> Derived.shaped(name, List.of(t.elements()), t);
            case TAPS -> Derived.shaped(name, List.of(shape(t, 2).get(0), 1L, shape(t, 2).get(1)), t);
            case GATE_UP -> joined(name, t, from.get(1));
        };
    }

    private IOException unknown(String name) {
        return new IOException(where + ", tensor " + name + ": no tensor of that name is known for its architecture");
    }

    private List<Long> shape(Tensor t, int dimensions) throws IOException {
        if (t.shape().size() != dimensions)
            throw new IOException(
                    where + ", tensor " + t.name() + ": shape is " + t.shape() + ", expected " + dimensions
                            + " dimensions");
        return t.shape();
    }

    /** Rows in another order within each head; a bias has rows of one number. */
    private Derived heads(String name, Tensor t, LongUnaryOperator within) throws IOException {
        long rows = t.shape().isEmpty() ? 0 : t.shape().getFirst();
        if (headDim < 2 || headDim % 2 != 0 || rows == 0 || rows % headDim != 0)
            throw new IOException(
                    where + ", tensor " + t.name() + ": " + rows + " rows are no whole heads of " + headDim);
        return new Derived(name, t.shape(), List.of(t), rows,
                row -> row / headDim * headDim + within.applyAsLong(row % headDim), null);
    }

    /** The first or the second half of the rows, of every expert where there are some. */
    private Derived part(String name, Tensor t, int part) throws IOException {
        List<Long> shape = new ArrayList<>(t.shape());
        int at = shape.size() - 2;
        if (at < 0 || shape.get(at) == 0 || shape.get(at) % 2 != 0)
            throw new IOException(where + ", tensor " + t.name() + ": shape is " + t.shape()
                    + ", expected an even number of rows, gate and up");
        long half = shape.get(at) / 2;
        shape.set(at, half);
        return new Derived(name, shape, List.of(t), t.rows() / 2,
                row -> row / half * 2 * half + part * half + row % half,
                null);
    }

    private Derived joined(String name, Tensor gate, Tensor up) throws IOException {
        List<Long> shape = new ArrayList<>(gate.shape());
        int at = shape.size() - 2;
        if (at < 0 || !gate.shape().equals(up.shape()) || gate.dtype() != up.dtype() || shape.get(at) == 0)
            throw new IOException(where + ", tensors " + gate.name() + " and " + up.name() + ": shapes are "
                    + gate.shape() + " and " + up.shape() + ", expected the same, and the same type");
        long half = shape.get(at);
        long first = gate.rows();
        shape.set(at, 2 * half);
        return new Derived(name, shape, List.of(gate, up), 2 * first,
                row -> row / (2 * half) * half + row % half + (row / half % 2 == 0 ? 0 : first), null);
    }
}
