package dev.modelserving.codec;

/** How a request writes its tensors, and so how the answer does. */
public enum BodyForm {
    /** {"inputs":[{"name","shape","datatype","data"}]}, as the Open Inference Protocol, version 2, has it. */
    OIP,
    /** {"instances":[...]}: one value a row, or one object a row with a value for each input. */
    ROWS,
    /** {"inputs":{"name":nested array}}, or {"inputs":nested array} for a model with one input. */
    COLUMNS
}
