package io.quarry.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What the two contracts leave out must be the same. It stands in both, since LangChain4j's classes ask protected methods of
 * their own, which a subclass alone can answer.
 */
class ContractsTest {
    private static Map<String, Boolean> said(Object contract) throws ReflectiveOperationException {
        Map<String, Boolean> said = new TreeMap<>();
        for (Method method : Arrays.stream(contract.getClass().getDeclaredMethods())
                .filter(method -> method.getName().startsWith("supports") && method.getParameterCount() == 0).toList())
            said.put(method.getName(), (Boolean) method.invoke(contract));
        return said;
    }

    @Test
    void bothLeaveOutTheSame() throws ReflectiveOperationException {
        assertThat(said(new ChatModelContractTest())).isNotEmpty()
                .isEqualTo(said(new StreamingChatModelContractTest()));
    }
}
