package io.quarry.app;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The project as it is on the disk, for tests that hold its rules. */
final class Classes {
    /** The root of the project; tests run in the folder of their module. */
    static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    static final List<String> MODULES = Stream.of("core", "data", "train", "serve", "gemm", "langchain4j", "app")
            .filter(module -> Files.isDirectory(ROOT.resolve(module).resolve("src/main/java"))).toList();

    private Classes() {}

    /** The compiled classes of a module, without {@code package-info}. */
    static List<ClassModel> of(String module) throws IOException {
        List<ClassModel> all = new ArrayList<>();
        for (Path file : files(ROOT.resolve(module).resolve("target/classes"), ".class"))
            if (!file.endsWith("package-info.class"))
                all.add(ClassFile.of().parse(file));
        return all;
    }

    static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(f -> f.toString().endsWith(ending) && Files.isRegularFile(f)).sorted().toList();
        }
    }

    /** {@code text} for {@code io/quarry/text/Tokenizer}. */
    static String packageOf(ClassModel type) {
        String[] names = type.thisClass().asInternalName().split("/");
        return names[names.length - 2];
    }
}
