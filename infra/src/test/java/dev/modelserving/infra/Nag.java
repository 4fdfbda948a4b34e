package dev.modelserving.infra;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelserving.infra.Acknowledgements.Finding;
import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import io.github.cdklabs.cdknag.NIST80053R5Checks;
import io.github.cdklabs.cdknag.NagPack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.PolicyViolatingResource;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.cloudformation.include.CfnInclude;
import software.constructs.IConstruct;

/** What cdk-nag finds: the rules of AWS Solutions and those of NIST 800-53, revision 5. */
final class Nag {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Nag() {}

    /** What is found in a synthesised app and not acknowledged. */
    static Set<Finding> findings(App app) {
        Set<Finding> findings = new LinkedHashSet<>();
        for (NagPack pack : new NagPack[] {new AwsSolutionsChecks(), new NIST80053R5Checks()}) {
            pack.validateScope(app)
                    .getViolations()
                    .forEach(violation -> violation
                            .getViolatingResources()
                            .forEach(resource -> findings.add(finding(app, violation.getRuleName(), resource))));
        }
        return findings;
    }

    /** What is found in a template, acknowledged or not. */
    static Set<Finding> findings(String stack, JsonNode template) {
        App app = Synthesis.app();
        try {
            Path file = Files.createTempFile(Files.createDirectories(Path.of("target", "nag")), stack, ".json");
            JSON.writeValue(file.toFile(), template);
            CfnInclude.Builder.create(new Stack(app, stack), "Template")
                    .templateFile(file.toString())
                    .build();
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return findings(app);
    }

    /**
     * What is acknowledged and not found.
     *
     * @param templates of the app, by the name of their stack
     */
    static Set<Finding> unneeded(App app, Map<String, JsonNode> templates) {
        Set<Finding> unneeded = new LinkedHashSet<>(Acknowledgements.of(app).keySet());
        templates.forEach((stack, template) -> unneeded.removeAll(findings(stack, template)));
        return unneeded;
    }

    private static Finding finding(App app, String rule, PolicyViolatingResource resource) {
        IConstruct found = app;
        for (String id : String.valueOf(resource.getConstructPath()).split("/", -1)) {
            found = found.getNode().findChild(id);
        }
        return Finding.on((CfnResource) found, rule);
    }
}
