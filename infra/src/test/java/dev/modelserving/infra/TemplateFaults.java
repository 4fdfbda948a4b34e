package dev.modelserving.infra;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What CloudFormation would refuse in the templates of one app, though CDK wrote them: references to what is not there,
 * texts that AWS does not take, templates over its limits; and load balancers, which this product has none of.
 */
final class TemplateFaults {
    /** Of the template's body, through S3. */
    private static final long MOST_BYTES = 1_000_000;

    private static final int MOST_RESOURCES = 500;
    private static final int MOST_OUTPUTS = 200;
    private static final Set<String> PSEUDO_PARAMETERS = Set.of(
            "AWS::AccountId",
            "AWS::NotificationARNs",
            "AWS::NoValue",
            "AWS::Partition",
            "AWS::Region",
            "AWS::StackId",
            "AWS::StackName",
            "AWS::URLSuffix");
    private static final Pattern SUBSTITUTED = Pattern.compile("\\$\\{([^!}][^}]*)}");

    /** What EC2 takes in descriptions of security groups and their rules. */
    private static final Pattern EC2_TEXT = Pattern.compile("[a-zA-Z0-9. _:/()#,@\\[\\]+=&;{}!$*-]{0,255}");

    private static final Pattern ASCII = Pattern.compile("[\\x20-\\x7e]{0,1024}");

    private final StackTemplate template;
    private final Map<String, String> exports;
    private final List<String> faults;

    private TemplateFaults(StackTemplate template, Map<String, String> exports, List<String> faults) {
        this.template = template;
        this.exports = exports;
        this.faults = faults;
    }

    /** One line for each fault. */
    static List<String> in(Collection<StackTemplate> templates) {
        List<String> faults = new ArrayList<>();
        Map<String, String> exports = new HashMap<>();
        for (StackTemplate template : templates) {
            template.outputs().forEach(output -> {
                String name = output.at("/Export/Name").textValue();
                if (name != null && exports.put(name, template.stack()) != null) {
                    faults.add(template.stack() + ": exports " + name + " that is exported already");
                }
            });
        }
        templates.forEach(template -> new TemplateFaults(template, exports, faults).find());
        return faults;
    }

    private void find() {
        limits();
        template.eachField(this::reference);
        template.resources().forEach((id, resource) -> {
            dependencies(id, resource);
            texts(id, resource);
            if (StackTemplate.type(resource).startsWith("AWS::ElasticLoadBalancing")) {
                fault("%s is a load balancer".formatted(id));
            }
        });
    }

    private void limits() {
        if (template.bytes() > MOST_BYTES) {
            fault("has %d bytes (at most: %d)".formatted(template.bytes(), MOST_BYTES));
        }
        if (template.resources().size() > MOST_RESOURCES) {
            fault("has %d resources (at most: %d)"
                    .formatted(template.resources().size(), MOST_RESOURCES));
        }
        if (template.outputs().size() > MOST_OUTPUTS) {
            fault("has %d outputs (at most: %d)".formatted(template.outputs().size(), MOST_OUTPUTS));
        }
    }

    private void reference(String name, JsonNode value) {
        switch (name) {
            case "Ref" -> named(value.asText());
            case "Fn::GetAtt" ->
                resource(
                        value.isArray()
                                ? value.path(0).asText()
                                : value.asText().split("\\.", 2)[0]);
            case "Fn::ImportValue" -> exported(value);
            case "Fn::FindInMap" -> mapped(value);
            case "Fn::Sub" -> substituted(value.isArray() ? value.path(0) : value, value.path(1));
            default -> {
                if (name.startsWith("Fn::Transform") || name.equals("Transform")) {
                    fault("uses %s".formatted(name));
                }
            }
        }
    }

    private void named(String name) {
        if (!PSEUDO_PARAMETERS.contains(name)
                && !template.json().path("Parameters").has(name)) {
            resource(name);
        }
    }

    private void resource(String id) {
        if (!template.json().path("Resources").has(id)) {
            fault("refers to %s, which is not in it".formatted(id));
        }
    }

    private void exported(JsonNode name) {
        String from = exports.get(name.asText());
        if (from == null || from.equals(template.stack())) {
            fault("imports %s, which no other stack exports".formatted(name.asText()));
        }
    }

    private void mapped(JsonNode path) {
        JsonNode mapping = template.json().path("Mappings").path(path.path(0).asText());
        if (mapping.isMissingNode()) {
            fault("looks into the mapping %s, which is not in it"
                    .formatted(path.path(0).asText()));
        }
        for (JsonNode row : mapping) {
            if (path.path(2).isTextual() && !row.has(path.path(2).textValue())) {
                fault("looks for %s in a mapping that does not have it"
                        .formatted(path.path(2).textValue()));
            }
        }
    }

    private void substituted(JsonNode text, JsonNode own) {
        Set<String> names = new HashSet<>();
        Matcher matcher = SUBSTITUTED.matcher(text.asText());
        while (matcher.find()) {
            names.add(matcher.group(1).split("\\.", 2)[0]);
        }
        names.stream().filter(name -> !own.has(name)).forEach(this::named);
    }

    private void dependencies(String id, JsonNode resource) {
        for (String other : StackTemplate.texts(resource.path("DependsOn"))) {
            if (!template.json().path("Resources").has(other) || other.equals(id)) {
                fault("%s depends on %s, which is not in it".formatted(id, other));
            }
        }
    }

    private void texts(String id, JsonNode resource) {
        Pattern allowed = StackTemplate.type(resource).startsWith("AWS::EC2::SecurityGroup") ? EC2_TEXT : ASCII;
        for (String field : List.of("GroupDescription", "Description")) {
            for (String text : resource.findValuesAsText(field)) {
                if (!allowed.matcher(text).matches()) {
                    fault("%s has the %s '%s', which AWS does not take".formatted(id, field, text));
                }
            }
        }
    }

    private void fault(String fault) {
        faults.add(template.stack() + ": " + fault);
    }
}
