package dev.modelserving.model;

import java.util.List;

/**
 * The classes that the columns of an output of shape [rows, classes] stand for, in the columns' order.
 *
 * @param integers whether the names are decimal integers, which the model has as INT64
 */
public record ClassLabels(List<String> names, boolean integers) {
    public ClassLabels {
        names = List.copyOf(names);
    }
}
