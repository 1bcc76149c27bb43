package io.quarry.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro, with the scope in which it was defined. */
final class Macro implements Callable {
    /** Renders the body with the parameters in its scope. */
    interface Body {
        Text render(Scope scope);
    }

    private final Statement.Signature signature;
    private final Scope outer;
    private final Body body;

    Macro(Statement.Signature signature, Scope outer, Body body) {
        this.signature = signature;
        this.outer = outer;
        this.body = body;
    }

    String name() {
        return signature.name();
    }

    Object attribute(String name) {
        return switch (name) {
            case "name" -> Text.of(name());
            case "arguments" -> new Tuple(signature.parameters().stream().map(each -> (Object) Text.of(each)).toList());
            case "catch_kwargs" -> signature.uses().contains("kwargs");
            case "catch_varargs" -> signature.uses().contains("varargs");
            case "caller" -> signature.uses().contains("caller");
            default -> null;
        };
    }

    @Override
    public Object call(Arguments arguments) {
        Scope scope = new Scope(outer);
        List<String> parameters = signature.parameters();
        List<Object> positional = arguments.positional();
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        for (int i = 0; i < parameters.size(); i++) {
            String parameter = parameters.get(i);
            if (i < positional.size())
                scope.set(parameter, positional.get(i));
            else if (named.containsKey(parameter))
                scope.set(parameter, named.remove(parameter));
        }
        if (signature.uses().contains("caller") && !parameters.contains("caller"))
            scope.set("caller", named.containsKey("caller")
                    ? named.remove("caller")
                    : new Undefined("there is no caller; the macro was not called by a call block"));
        rest(scope, positional, named);
        return body.render(scope);
    }

    /** Arguments beyond the parameters. */
    private void rest(Scope scope, List<Object> positional, Map<String, Object> named) {
        int count = signature.parameters().size();
        List<Object> more = positional.size() > count ? positional.subList(count, positional.size()) : List.of();
        if (signature.uses().contains("varargs"))
            scope.set("varargs", new Tuple(new ArrayList<>(more)));
        else if (!more.isEmpty())
            throw new Fault("macro " + name() + " takes at most " + count + " arguments, found " + positional.size());
        if (signature.uses().contains("kwargs")) {
            Map<Object, Object> all = new LinkedHashMap<>();
            named.forEach((key, value) -> all.put(Text.of(key), value));
            scope.set("kwargs", all);
        } else if (!named.isEmpty())
            throw new Fault("macro " + name() + " takes no argument \"" + named.keySet().iterator().next() + "\"");
    }
}
