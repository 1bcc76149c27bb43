package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.LineNumberInfo;
import java.lang.classfile.attribute.LineNumberTableAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One screen, one idea: methods and files stay short. */
class SizesTest {
    private static final int METHOD = 80;
    private static final int FILE = 400;
    private static final int KERNEL_FILE = 700;

    @Test
    void methodsAreShort() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String module : Classes.MODULES)
            for (ClassModel type : Classes.of(module))
                wrong.addAll(longMethods(type));
        assertThat(wrong).isEmpty();
    }

    @Test
    void filesAreShort() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String module : Classes.MODULES)
            for (Path file : Classes.files(Classes.ROOT.resolve(module).resolve("src/main/java"), ".java")) {
                long lines = Files.readString(file).lines().count();
                long limit = file.getParent().endsWith("kernel") ? KERNEL_FILE : FILE;
                if (lines > limit)
                    wrong.add(Classes.ROOT.relativize(file) + " has " + lines + " lines, at most " + limit);
            }
        assertThat(wrong).isEmpty();
    }

    @Test
    void seesAMethodThatIsTooLong() {
        assertThat(longMethods(withMethodOf(METHOD))).isEmpty();
        assertThat(longMethods(withMethodOf(METHOD + 1))).containsExactly("Long.method has 81 lines, at most 80");
    }

    private static ClassModel withMethodOf(int lines) {
        byte[] bytes = ClassFile.of().build(ClassDesc.of("Long"), type -> type.withMethodBody("method",
                MethodTypeDesc.of(ConstantDescs.CD_void), ClassFile.ACC_STATIC, code -> {
                    IntStream.rangeClosed(1, lines).forEach(line -> code.lineNumber(line).nop());
                    code.return_();
                }));
        return ClassFile.of().parse(bytes);
    }

    /** Lines between the first and the last that have code; class initialisers are lists of constants. */
    private static List<String> longMethods(ClassModel type) {
        List<String> wrong = new ArrayList<>();
        for (MethodModel method : type.methods()) {
            String name = method.methodName().stringValue();
            List<Integer> lines = method.code().map(SizesTest::lines).orElse(List.of());
            int size = lines.isEmpty() ? 0 : lines.getLast() - lines.getFirst() + 1;
            if (size > METHOD && !name.equals("<clinit>") && !name.equals("<init>"))
                wrong.add(
                        type.thisClass().asInternalName() + "." + name + " has " + size + " lines, at most " + METHOD);
        }
        return wrong;
    }

    private static List<Integer> lines(CodeModel code) {
        return code.findAttributes(Attributes.lineNumberTable()).stream().map(LineNumberTableAttribute::lineNumbers)
                .flatMap(List::stream).map(LineNumberInfo::lineNumber).sorted().toList();
    }
}
