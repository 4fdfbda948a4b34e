package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the app itself, as the CDK CLI runs it, leaves nothing behind when settings are wrong. */
class RefusalTest {
    @TempDir
    private Path folder;

    @Test
    void wrongSettingsAreToldOnceAndNoTemplateIsWritten() throws IOException {
        Path project = AppProcess.project(folder);
        Files.writeString(
                project.resolve("infra").resolve("stages").resolve("dev.yaml"),
                "region: eu-west-1\nservice:\n  minReplicas: 5\n  maxReplicas: 4\n  spots: true\n");
        AppProcess app = AppProcess.run(project, "dev", Map.of());
        assertThat(app.exitCode()).isEqualTo(1);
        assertThat(app.output()).isEmpty();
        assertThat(app.errors()).matches("""
                dev\\.yaml:
                  service\\.maxReplicas: 4 \\(expected: at least minReplicas, 5\\)
                  service\\.spots: unknown \\(expected: .*\\)
                """);
        assertThat(app.written()).isEmpty();
    }

    @Test
    void aStageThatIsNotThereIsToldOnceAndNoTemplateIsWritten() {
        AppProcess app = AppProcess.run(AppProcess.project(folder), "staging", Map.of());
        assertThat(app.exitCode()).isEqualTo(1);
        assertThat(app.errors()).isEqualTo("""
                -c stage=staging:
                  stage: 'staging' (expected: one of dev, prod, the files in infra/stages)
                """);
        assertThat(app.written()).isEmpty();
    }
}
