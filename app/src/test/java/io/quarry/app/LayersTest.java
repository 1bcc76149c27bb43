package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.constant.ClassDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Packages stand in one line and use only what is to their left; foreign names stay behind their fences. */
class LayersTest {
    private static final List<String> ORDER = List.of("ledger", "kernel", "model", "hub", "recipe", "text", "jinja",
            "chat", "infer", "merge", "judge", "guard", "eval", "data", "torch", "dist", "train", "rl", "serve", "gemm",
            "langchain4j",
            "app");
    private static final Pattern USE = Pattern.compile("(?<![\\w/])L?io/quarry/(\\w+)/");
    /** Foreign names, and the packages that may use them. */
    private static final Map<String, Set<String>> FENCES = Map.of("jdk/incubator/", Set.of("kernel"), "org/bytedeco/",
            Set.of("torch", "dist", "gemm"), "dev/langchain4j/", Set.of("langchain4j"), "org/apache/spark/",
            Set.of("data"), "io/helidon/", Set.of("serve"),
            "java/net/http/", Set.of("serve", "judge", "hub"), "com/sun/net/httpserver/", Set.of("serve"));
    /** Modules that meet only in artifacts and core types. */
    private static final Map<String, Set<String>> STRANGERS = Map.of("data",
            Set.of("torch", "dist", "train", "rl", "serve", "gemm", "langchain4j"),
            "train", Set.of("data", "serve", "gemm", "langchain4j"), "serve",
            Set.of("data", "torch", "dist", "train", "rl", "gemm", "langchain4j"), "gemm",
            Set.of("data", "torch", "dist", "train", "rl", "serve", "langchain4j"), "langchain4j",
            Set.of("data", "torch", "dist", "train", "rl", "serve", "gemm"), "app", Set.of("langchain4j"));

    @Test
    void packagesUseOnlyWhatIsToTheirLeft() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String module : Classes.MODULES) {
            List<ClassModel> classes = Classes.of(module);
            assertThat(classes).as("compiled classes of " + module).isNotEmpty();
            classes.forEach(type -> wrong.addAll(faults(module, type)));
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void seesWhatItForbids() {
        assertThat(faults("core", using("io.quarry.text.X", "io.quarry.infer.Lm")))
                .containsExactly("io/quarry/text/X uses io.quarry.infer, which is to its right");
        assertThat(faults("core", using("io.quarry.text.X", "org.apache.spark.sql.Dataset")))
                .containsExactly("io/quarry/text/X uses org/apache/spark/, which is fenced to [data]");
        assertThat(faults("langchain4j", using("io.quarry.langchain4j.X", "org.bytedeco.pytorch.Tensor")))
                .containsExactly("io/quarry/langchain4j/X uses org/bytedeco/, which is fenced to "
                        + FENCES.get("org/bytedeco/"));
        assertThat(faults("gemm", using("io.quarry.gemm.X", "io.quarry.torch.Tensor")))
                .containsExactly("io/quarry/gemm/X uses io.quarry.torch, which the module gemm does not see");
        assertThat(faults("serve", using("io.quarry.serve.X", "io.quarry.train.Trainer")))
                .containsExactly("io/quarry/serve/X uses io.quarry.train, which the module serve does not see");
        assertThat(faults("core", using("io.quarry.util.X", "java.util.List")))
                .containsExactly("io/quarry/util/X stands in a package outside the line");
        assertThat(faults("core", using("io.quarry.infer.X", "io.quarry.text.Tokenizer"))).isEmpty();
    }

    /** A class with one field of a type. */
    private static ClassModel using(String name, String used) {
        byte[] bytes = ClassFile.of().build(ClassDesc.of(name),
                builder -> builder.withField("field", ClassDesc.of(used), 0));
        return ClassFile.of().parse(bytes);
    }

    private static List<String> faults(String module, ClassModel type) {
        String name = type.thisClass().asInternalName();
        int own = ORDER.indexOf(Classes.packageOf(type));
        if (own < 0)
            return List.of(name + " stands in a package outside the line");
        List<String> wrong = new ArrayList<>();
        for (PoolEntry entry : type.constantPool()) {
            if (!(entry instanceof Utf8Entry text))
                continue;
            for (MatchResult use : USE.matcher(text.stringValue()).results().toList()) {
                if (STRANGERS.getOrDefault(module, Set.of()).contains(use.group(1)))
                    wrong.add(name + " uses io.quarry." + use.group(1) + ", which the module " + module
                            + " does not see");
                else if (ORDER.indexOf(use.group(1)) > own)
                    wrong.add(name + " uses io.quarry." + use.group(1) + ", which is to its right");
            }
            FENCES.forEach((foreign, mayUse) -> {
                if (text.stringValue().contains(foreign) && !mayUse.contains(ORDER.get(own)))
                    wrong.add(name + " uses " + foreign + ", which is fenced to " + mayUse);
            });
        }
        return wrong.stream().distinct().toList();
    }
}
