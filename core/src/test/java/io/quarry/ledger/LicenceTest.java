package io.quarry.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LicenceTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"Apache-2.0|Apache-2.0", "The Apache Software License, Version 2.0|Apache-2.0",
        "Apache License, Version 2.0|Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0.txt|Apache-2.0",
        "http://www.apache.org/licenses/LICENSE-2.0|Apache-2.0", "Apache 2|Apache-2.0", "The MIT License|MIT",
        "MIT License|MIT", "Eclipse Public License - v 2.0|EPL-2.0", "Eclipse Public License v2.0|EPL-2.0",
        "EPL 2.0|EPL-2.0", "https://www.eclipse.org/legal/epl-2.0/|EPL-2.0", "New BSD License|BSD-3-Clause",
        "Eclipse Distribution License - v 1.0|BSD-3-Clause",
        "GNU Library General Public License v2.1 or later|LGPL-2.1-or-later",
        "GNU Lesser General Public License, version 2.1 (or any later version)|LGPL-2.1-or-later",
        "GNU Lesser General Public License, Version 2.1|LGPL-2.1-only",
        "GPL2 w/ CPE|GPL-2.0-only WITH Classpath-exception-2.0", "Mozilla Public License, Version 2.0|MPL-2.0",
        "CC0 1.0 Universal|CC0-1.0"})
    void knowsTheUsualSpellings(String written, String spdx) {
        assertThat(Licence.normalise(written)).contains(spdx);
    }

    @ParameterizedTest
    @ValueSource(strings = {"BSD License", "GNU Lesser General Public License", "GPL", "See LICENSE file", "",
        "Apache 3.0"})
    void doesNotGuess(String written) {
        assertThat(Licence.normalise(written)).isEmpty();
    }

    @Test
    void anIdentifierStandsForItself() {
        for (String spdx : new String[] {"BSD-2-Clause", "EPL-1.0", "LGPL-2.1-or-later", "CC-BY-SA-4.0", "WordNet-3.0"})
            assertThat(Licence.normalise(spdx)).contains(spdx);
    }
}
