package io.quarry.jinja;

import java.util.List;

/**
 * What {@code dict.items()}, {@code keys()} and {@code values()} give: countable, but without an order to index.
 *
 * @param kind  its name in Python, for instance {@code dict_items}
 * @param items what is in it
 */
record View(String kind, List<Object> items) {}
