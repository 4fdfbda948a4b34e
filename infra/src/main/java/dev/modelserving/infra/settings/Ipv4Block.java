package dev.modelserving.infra.settings;

import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A block of IPv4 addresses in CIDR notation.
 *
 * @param address as a number
 * @param length of the prefix that its addresses share, in bits
 */
record Ipv4Block(int address, int length) {
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

    /** Four octets of at most 255, and a prefix of /8 to /32. */
    static final Pattern FORM = Pattern.compile("(%s\\.){3}%<s/([89]|[12][0-9]|3[0-2])".formatted(OCTET));

    /** @param text of this {@link #FORM} */
    static Ipv4Block of(String text) {
        int slash = text.indexOf('/');
        int address = Stream.of(text.substring(0, slash).split("\\.", 4))
                .map(Integer::valueOf)
                .reduce(0, (number, octet) -> number << 8 | octet);
        return new Ipv4Block(address, Integer.parseInt(text.substring(slash + 1)));
    }

    /** The block that it is in, without what tells its hosts apart. */
    Ipv4Block network() {
        return new Ipv4Block(address & mask(), length);
    }

    boolean covers(Ipv4Block other) {
        return other.length >= length && (other.address & mask()) == (address & mask());
    }

    private int mask() {
        return -1 << (32 - length);
    }

    @Override
    public String toString() {
        return "%d.%d.%d.%d/%d"
                .formatted(address >>> 24, address >>> 16 & 255, address >>> 8 & 255, address & 255, length);
    }
}
