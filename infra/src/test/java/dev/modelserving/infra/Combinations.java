package dev.modelserving.infra;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What settings can be combined, and a choice of combinations in which each value meets each other value. */
final class Combinations {
    private static final String NEW = "";
    private static final String EXISTING = """
              kind: existing
              existing:
                vpcId: vpc-0123456789abcdef0
                availabilityZones: [eu-west-1a, eu-west-1b]
                subnetIds: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
            """;
    private static final String KEY =
            "  keyArn: arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555\n";

    /** Sections of the settings; of each dimension, a combination has one text. */
    private static final Map<String, List<List<String>>> DIMENSIONS = dimensions();

    private static final List<List<String>> VALUES =
            DIMENSIONS.values().stream().flatMap(List::stream).toList();

    private Combinations() {}

    private static Map<String, List<List<String>>> dimensions() {
        Map<String, List<List<String>>> dimensions = new LinkedHashMap<>();
        dimensions.put(
                "network",
                List.of(List.of(
                        "  kind: isolated\n",
                        "  kind: isolated\n  availabilityZones: 3\n",
                        "  kind: nat\n",
                        "  kind: nat\n  availabilityZones: 3\n  natGateways: 3\n",
                        EXISTING,
                        EXISTING + "    endpointSecurityGroups: [sg-0123456789abcdef0]\n")));
        dimensions.put(
                "data",
                List.of(
                        List.of(
                                "  encryption: aws-owned\n",
                                "  encryption: customer-key\n",
                                "  encryption: customer-key\n" + KEY),
                        List.of("  keep: true\n", "  keep: false\n"),
                        List.of(NEW, "  artifactsBucket: our-models\n"),
                        List.of(NEW, "  goldBucket: our-gold\n"),
                        List.of(NEW, "  registryTable: our-registry\n")));
        dimensions.put(
                "service",
                List.of(
                        List.of("  architecture: x86-64\n", "  architecture: arm64\n"),
                        List.of(
                                NEW,
                                "  image:\n    repository: ml/serving\n    digest: sha256:" + "0".repeat(64) + "\n"),
                        List.of("  spot: false\n", "  spot: true\n"),
                        List.of(NEW, "  clusterName: our-cluster\n")));
        dimensions.put(
                "workflow",
                List.of(List.of(
                        "  enabled: false\n",
                        "  onManifest: false\n",
                        "  onManifest: true\n  cpu: 4096\n  memory: 16384\n")));
        dimensions.put("door", List.of(List.of("  enabled: false\n", "  enabled: true\n")));
        return dimensions;
    }

    /** Of every value with every other. */
    static Stream<String> all() {
        return IntStream.range(0, VALUES.stream().mapToInt(List::size).reduce(1, Math::multiplyExact))
                .mapToObj(number -> {
                    List<Integer> chosen = new ArrayList<>();
                    int rest = number;
                    for (List<String> values : VALUES) {
                        chosen.add(rest % values.size());
                        rest /= values.size();
                    }
                    return settings(chosen);
                });
    }

    /**
     * Of every two values, at least one: taken one after the other, each the one with the most pairs that are new, of the
     * candidates that begin with each open pair and are filled up greedily.
     */
    static List<String> pairwise() {
        List<Pair> open = new ArrayList<>();
        for (int a = 0; a < VALUES.size(); a++) {
            for (int b = a + 1; b < VALUES.size(); b++) {
                for (int x = 0; x < VALUES.get(a).size(); x++) {
                    for (int y = 0; y < VALUES.get(b).size(); y++) {
                        open.add(new Pair(a, x, b, y));
                    }
                }
            }
        }
        List<String> combinations = new ArrayList<>();
        while (!open.isEmpty()) {
            List<Integer> combination = filledUp(open.get(0), open);
            open.removeIf(pair -> pair.isIn(combination));
            combinations.add(settings(combination));
        }
        return combinations;
    }

    private static List<Integer> filledUp(Pair first, List<Pair> open) {
        List<Integer> chosen = new ArrayList<>(VALUES.stream().map(values -> -1).toList());
        chosen.set(first.a(), first.x());
        chosen.set(first.b(), first.y());
        for (int dimension = 0; dimension < VALUES.size(); dimension++) {
            if (chosen.get(dimension) < 0) {
                chosen.set(dimension, best(dimension, chosen, open));
            }
        }
        return chosen;
    }

    private static int best(int dimension, List<Integer> chosen, List<Pair> open) {
        int best = 0;
        long most = -1;
        for (int value = 0; value < VALUES.get(dimension).size(); value++) {
            List<Integer> candidate = new ArrayList<>(chosen);
            candidate.set(dimension, value);
            long pairs = open.stream().filter(pair -> pair.isIn(candidate)).count();
            if (pairs > most) {
                best = value;
                most = pairs;
            }
        }
        return best;
    }

    private static String settings(List<Integer> chosen) {
        StringBuilder settings = new StringBuilder("region: eu-west-1\n");
        int dimension = 0;
        for (Map.Entry<String, List<List<String>>> section : DIMENSIONS.entrySet()) {
            settings.append(section.getKey()).append(":\n");
            for (List<String> values : section.getValue()) {
                settings.append(values.get(chosen.get(dimension++)));
            }
        }
        return settings.toString();
    }

    /** What tells a combination from the others. */
    static String name(String settings) {
        return settings.lines()
                .filter(line -> line.startsWith("  "))
                .map(String::strip)
                .collect(Collectors.joining(", "));
    }

    private record Pair(int a, int x, int b, int y) {
        boolean isIn(List<Integer> chosen) {
            return chosen.get(a) == x && chosen.get(b) == y;
        }
    }
}
