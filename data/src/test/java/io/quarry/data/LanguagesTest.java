package io.quarry.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LanguagesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "en|The river rises in the hills above the town and runs for forty miles to the sea, past mills and farms.",
        "de|Der Fluss entspringt in den Hügeln über der Stadt und fließt an Mühlen und Höfen vorbei bis zum Meer.",
        "fr|La rivière prend sa source dans les collines au-dessus de la ville et coule jusqu'à la mer.",
        "pt|O rio nasce nas colinas acima da cidade e corre por muitas léguas até chegar ao mar.",
        "ar|ينبع النهر من التلال فوق المدينة ويجري عبر الحقول حتى يصل إلى البحر",
        "zh|这条河发源于城镇上方的山丘，流经田野和村庄，最后流入大海。",
        "ja|川は町の上の丘から流れ出し、畑や村を通って海に注いでいる。"})
    void namesTheLanguage(String language, String text) {
        Languages.Guess guess = Languages.guess(text, 0.5);
        assertThat(guess.language()).isEqualTo(language);
        assertThat(guess.confidence()).isPositive();
    }

    @org.junit.jupiter.api.Test
    void anUnsureStartMakesItReadOn() {
        String numbers = "12 34 56 78 90 ".repeat(30);
        String english = "the river rises in the hills above the town and runs for forty miles to the sea. ".repeat(20);
        assertThat(Languages.guess(numbers + english, 0.9).language()).isEqualTo("en");
    }
}
