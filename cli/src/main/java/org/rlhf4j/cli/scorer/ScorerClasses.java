package org.rlhf4j.cli.scorer;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.cli.console.Plugins;
import org.rlhf4j.cli.console.UsageException;

/** Finds the class that the name of a scorer means. */
final class ScorerClasses {
    private ScorerClasses() {}

    static Class<? extends CompletionScorer> find(String option, String name, Plugins plugins) {
        List<Class<? extends CompletionScorer>> listed = listed(plugins.loader());
        List<Class<? extends CompletionScorer>> meant = listed.stream()
                .filter(type -> name.equals(type.getName()) || name.equals(type.getSimpleName()))
                .toList();
        if (meant.size() > 1) {
            throw new UsageException(option + " " + name + " may be "
                    + String.join(" or ", meant.stream().map(Class::getName).toList()) + ": give the full name");
        }
        return meant.isEmpty() ? load(option, name, plugins, listed) : meant.get(0);
    }

    /** What service files name, each once. */
    private static List<Class<? extends CompletionScorer>> listed(ClassLoader loader) {
        try {
            return ServiceLoader.load(CompletionScorer.class, loader).stream()
                    .<Class<? extends CompletionScorer>>map(ServiceLoader.Provider::type)
                    .distinct()
                    .toList();
        } catch (ServiceConfigurationError e) {
            throw new UsageException("--plugins: " + e.getMessage());
        }
    }

    private static Class<? extends CompletionScorer> load(
            String option, String name, Plugins plugins, List<Class<? extends CompletionScorer>> listed) {
        Class<?> type;
        try {
            type = plugins.loader().loadClass(name);
        } catch (ClassNotFoundException e) {
            throw new UsageException(option + " " + name + ": there is no such directory and no such class"
                    + hint(name, listed) + "; give the directory of a reward model, or a class and its --plugins JAR");
        } catch (LinkageError e) {
            throw new UsageException(option + " " + name + " cannot be loaded: " + e);
        }
        if (!CompletionScorer.class.isAssignableFrom(type)) {
            throw new UsageException("class " + name + " does not implement " + CompletionScorer.class.getName());
        }
        return type.asSubclass(CompletionScorer.class);
    }

    private static String hint(String name, List<Class<? extends CompletionScorer>> listed) {
        if (listed.isEmpty()) {
            return "";
        }
        List<String> known = new ArrayList<>();
        for (Class<?> type : listed) {
            known.add(type.getSimpleName());
            known.add(type.getName());
        }
        String names = String.join(
                ", ", listed.stream().map(Class::getSimpleName).sorted().toList());
        return NearestName.of(name, known)
                        .map(near -> ", did you mean \"" + near + "\"?")
                        .orElse("")
                + " (known: " + names + ")";
    }
}
