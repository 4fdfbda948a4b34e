package dev.modelserving.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The models of {@code test/edge-models}: one for each datatype, rank and oddity. Its README says what each one shows. */
class EdgeModelsTest {
    private static final Path EDGE = Path.of("..", "test", "edge-models");
    private static final Path BROKEN = Path.of("..", "test", "broken-models");

    static List<String> modelsWithExamples() throws IOException {
        try (Stream<Path> models = Files.list(EDGE)) {
            List<String> names = models.filter(model -> Files.exists(model.resolve("1/examples.json")))
                    .map(model -> model.getFileName().toString())
                    .filter(name ->
                            !List.of("unicode-names", "optional-present").contains(name))
                    .sorted()
                    .toList();
            assertThat(names).hasSizeGreaterThan(30);
            return names;
        }
    }

    @ParameterizedTest
    @MethodSource("modelsWithExamples")
    void answerTheirExamplesExactly(String name) throws Exception {
        VerifiedModel verified = load(EDGE.resolve(name).resolve("1"), Optional.of("examples.json"));
        verified.model().close();
        assertThat(verified.examples()).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                uint16-input     | UINT16, which ONNX Runtime for Java cannot pass. Cast it inside the model: export it with an input of type INT32
                uint32-input     | UINT32, which ONNX Runtime for Java cannot pass. Cast it inside the model: export it with an input of type INT64
                uint64-input     | UINT64, which ONNX Runtime for Java cannot pass. Cast it inside the model: export it with an input of type INT64
                sequence-input   | is a sequence (expected: a tensor). Take tensors
                map-input        | is a map (expected: a tensor). Take tensors
                optional-input   | such as an optional (expected: a tensor). Export it as a plain tensor
                optional-present | such as an optional (expected: a tensor). Export it as a plain tensor
                optional-absent  | such as an optional (expected: a tensor). Export it as a plain tensor
                float8-output    | has elements of type FLOAT8E4M3FN (expected: one of [BOOL
                int4-output      | (expected: one of [BOOL
                unicode-names    | characters beyond U+FFFF, which ONNX Runtime for Java cannot pass. Rename it
                """)
    void areRefusedWithWhatToExportInstead(String name, String reason) {
        assertThatThrownBy(() -> load(EDGE.resolve(name).resolve("1"), Optional.empty()))
                .isInstanceOf(VerificationException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sequence-ragged", "sequence-empty"})
    void loadThoughOnlyARunWillTell(String name) throws Exception {
        load(EDGE.resolve(name).resolve("1"), Optional.empty()).model().close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nan-output", "runtime-error", "shape-lies", "needs-locale-c-utf8"})
    void ofTheBrokenOnesThoseThatOnlySurpriseAnswerTheirExamples(String name) throws Exception {
        Path folder = Files.createTempDirectory(Path.of("target"), name);
        Files.copy(BROKEN.resolve(name + ".onnx"), folder.resolve("model.onnx"));
        Files.copy(BROKEN.resolve(name + ".examples.json"), folder.resolve("examples.json"));
        load(folder, Optional.of("examples.json")).model().close();
    }

    private static VerifiedModel load(Path folder, Optional<String> examples) throws VerificationException {
        return VerifiedModel.load(folder, examples, 1, step -> {});
    }
}
