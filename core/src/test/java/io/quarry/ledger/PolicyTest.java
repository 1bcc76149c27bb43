package io.quarry.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyTest {
    private final Policy policy = new Policy(List.of("Apache-2.0", "EPL-2.0"));

    @Test
    void aDeclaredLicenceOfTheListEnters() {
        assertThat(policy.check("lang", List.of("Apache License, Version 2.0"), null)).isEqualTo("Apache-2.0");
    }

    @Test
    void ofSeveralTheAllowedOneIsChosen() {
        assertThat(policy.check("dual", List.of("GPL-3.0-only", "EPL 2.0"), null)).isEqualTo("EPL-2.0");
    }

    @Test
    void anotherLicenceIsRefusedWithSourceLicenceAndPolicy() {
        assertThatThrownBy(() -> policy.check("bash", List.of("GNU General Public License, version 3"), null))
                .isInstanceOf(Policy.Refused.class)
                .hasMessage("source bash is under GPL-3.0-only, which the policy does "
                        + "not allow, so nothing of it was read; allowed are Apache-2.0, EPL-2.0");
    }

    @Test
    void noLicenceIsRefusedUnlessTheRecipeStatesOne() {
        assertThatThrownBy(() -> policy.check("bare", List.of(), null)).isInstanceOf(Policy.Refused.class)
                .hasMessageContaining("source bare declares no licence");
        assertThat(policy.check("bare", List.of(), "Apache-2.0")).isEqualTo("Apache-2.0");
    }

    @Test
    void anAmbiguousNameNeedsTheRecipeToSayWhich() {
        assertThatThrownBy(() -> policy.check("words", List.of("BSD License"), null))
                .hasMessageContaining("declares the licence \"BSD License\", which does not say which one");
        Policy bsd = new Policy(List.of("BSD-3-Clause"));
        assertThat(bsd.check("words", List.of("BSD License"), "BSD-3-Clause")).isEqualTo("BSD-3-Clause");
    }

    @Test
    void recipeAndArtifactMustAgree() {
        assertThatThrownBy(() -> policy.check("lang", List.of("MIT License"), "Apache-2.0"))
                .isInstanceOf(Policy.Refused.class)
                .hasMessageContaining("stated to be under Apache-2.0, but it declares MIT License");
    }

    @Test
    void aPolicyNamesIdentifiers() {
        assertThatThrownBy(() -> new Policy(List.of("Apache 2"))).hasMessageContaining("write Apache-2.0");
        assertThatThrownBy(() -> new Policy(List.of("Whatever"))).hasMessageContaining("no SPDX identifier known here");
    }
}
