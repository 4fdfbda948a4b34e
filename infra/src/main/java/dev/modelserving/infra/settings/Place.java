package dev.modelserving.infra.settings;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a stage is deployed, and what it uses has to be.
 *
 * @param region empty when it was at fault
 * @param account null when any will do
 */
record Place(String region, @Nullable String account) {
    /** An ARN names its region and account in the fourth and fifth part. */
    void expect(Fields fields, String name, @Nullable String arn) {
        if (arn == null || arn.isEmpty()) {
            return;
        }
        List<String> parts = List.of(arn.split(":", 6));
        if (!region.isEmpty() && !parts.get(3).equals(region)) {
            fields.fault(name, "'" + arn + "'", "an ARN of the region " + region);
        }
        if (account != null && !account.isEmpty() && !parts.get(4).equals(account)) {
            fields.fault(name, "'" + arn + "'", "an ARN of the account " + account);
        }
    }
}
