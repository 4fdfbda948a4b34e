package dev.modelserving.infra;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check of a change reads what the CDK CLI of {@code package-lock.json} writes. */
class ReplacementsIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STACK = "model-serving-prod-data";
    private static final String SERVING = "model-serving-prod-serving";

    private static final String NAMESPACE = "ServiceNamespaceCFC1325A";

    @TempDir
    private static Path temporary;

    private static String cdk;
    private static Path assembly;

    @BeforeAll
    static void synthesise() throws Exception {
        cdk = output(List.of("../test/deployment/setup.sh")).lines().reduce("", (before, line) -> line);
        assembly =
                Path.of(RepresentativeStages.all().get("prod").whole().synth().getDirectory());
    }

    @Test
    void nothingIsRefusedWhenNothingChanges() throws Exception {
        assertThat(Replacements.in(diff(STACK, deployed(STACK)))).isEqualTo(new Replacements(0, ""));
    }

    @Test
    void otherChangesPass() throws Exception {
        ObjectNode deployed = deployed(STACK);
        properties(deployed, "LakeGold5F4D8429").remove("LifecycleConfiguration");
        properties(deployed, "Key961B73FD").put("EnableKeyRotation", false);
        String diff = diff(STACK, deployed);
        assertThat(diff).contains("LakeGold5F4D8429", "Key961B73FD");
        assertThat(Replacements.in(diff)).isEqualTo(new Replacements(0, ""));
    }

    @Test
    void replacedBucketsAndTablesAreRefused() throws Exception {
        ObjectNode deployed = deployed(STACK);
        properties(deployed, "LakeGold5F4D8429").put("BucketName", "another-name");
        ((ObjectNode) properties(deployed, "RegistryTableDB777839").at("/KeySchema/0")).put("AttributeName", "other");
        Replacements found = Replacements.in(diff(STACK, deployed));
        assertThat(found.status()).isEqualTo(1);
        assertThat(found.output())
                .hasLineCount(2)
                .contains(STACK + ": AWS::S3::Bucket LakeGold5F4D8429 would be replaced")
                .contains(STACK + ": AWS::DynamoDB::GlobalTable RegistryTableDB777839 would be replaced");
    }

    @Test
    void replacedNamesOfTheServiceAreRefused() throws Exception {
        ObjectNode deployed = deployed(SERVING);
        properties(deployed, NAMESPACE).put("Name", "another.internal");
        assertThat(Replacements.in(diff(SERVING, deployed)).output())
                .contains("AWS::ServiceDiscovery::PrivateDnsNamespace " + NAMESPACE + " would be replaced")
                .contains("AWS::ServiceDiscovery::Service ServiceRecords");
    }

    @Test
    void removedKeysAndLogsAreRefused() throws Exception {
        ObjectNode deployed = deployed(STACK);
        ((ObjectNode) deployed.at("/Resources"))
                .putObject("OldKey")
                .put("Type", "AWS::KMS::Key")
                .put("DeletionPolicy", "Retain");
        ((ObjectNode) deployed.at("/Resources")).putObject("OldLog").put("Type", "AWS::Logs::LogGroup");
        assertThat(Replacements.in(diff(STACK, deployed)).output())
                .hasLineCount(2)
                .contains("AWS::KMS::Key OldKey would leave the stack")
                .contains("AWS::Logs::LogGroup OldLog would be deleted");
    }

    private static String diff(String stack, ObjectNode deployed) throws Exception {
        Path file = Files.createTempFile(temporary, stack, ".json");
        JSON.writeValue(file.toFile(), deployed);
        return output(
                List.of(cdk, "diff", "--exclusively", "-a", assembly.toString(), "--template", file.toString(), stack));
    }

    private static ObjectNode deployed(String stack) {
        return RepresentativeStages.templates().get("prod").get(stack).deepCopy();
    }

    private static ObjectNode properties(ObjectNode template, String resource) {
        return (ObjectNode) template.at("/Resources/" + resource + "/Properties");
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
