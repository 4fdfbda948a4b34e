package dev.modelserving.infra;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.modelserving.infra.network.PrefixLists;
import dev.modelserving.infra.service.TaskSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Construct;

/** The rules that keep the constructs usable without our app; each {@code package-info.java} says the same in words. */
@AnalyzeClasses(packages = "dev.modelserving.infra", importOptions = ArchitectureTest.InfraClasses.class)
class ArchitectureTest {
    private static final String ROOT = "dev.modelserving.infra";
    private static final Path SOURCES = Path.of("src", "main", "java");

    static final class InfraClasses implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return location.contains("/infra/target/classes/");
        }
    }

    @ArchTest
    static final ArchRule nothingDependsOnTheApp = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT);

    @ArchTest
    static final ArchRule settingsKnowNoConstructButTheTablesOfWhatAwsOffers = classes()
            .that()
            .resideInAPackage(ROOT + ".settings")
            .should()
            .onlyDependOnClassesThat(DescribedPredicate.describe(
                    "are plain, or tables of what AWS offers",
                    type -> type.getPackageName().equals(ROOT + ".settings")
                            || type.isEquivalentTo(PrefixLists.class)
                            || type.isEquivalentTo(TaskSize.class)
                            || type.isEquivalentTo(RetentionDays.class)
                            || type.getPackageName().matches("(java|org\\.jspecify|com\\.fasterxml|org\\.yaml)\\..*")
                            || type.isPrimitive()
                            || type.isArray()));

    @ArchTest
    static final ArchRule constructsDoNotKnowSettings = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT, ROOT + ".settings")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + ".settings");

    @ArchTest
    static final ArchRule lakeIsAlone = ownPackages("lake", "acknowledgement");

    @ArchTest
    static final ArchRule registryIsAlone = ownPackages("registry", "acknowledgement");

    @ArchTest
    static final ArchRule networkIsAlone = ownPackages("network", "acknowledgement");

    @ArchTest
    static final ArchRule serviceUsesWhatItRunsOn =
            ownPackages("service", "lake", "registry", "network", "acknowledgement");

    @ArchTest
    static final ArchRule doorUsesService = ownPackages("door", "service", "acknowledgement");

    @ArchTest
    static final ArchRule workflowUsesWhatItVerifiesWith =
            ownPackages("workflow", "service", "lake", "registry", "network", "acknowledgement");

    @ArchTest
    static final ArchRule noCycles = slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule constructsAreOfferedAndNotInherited = classes()
            .that()
            .areAssignableTo(Construct.class)
            .and()
            .resideOutsideOfPackage(ROOT)
            .should()
            .bePublic()
            .andShould()
            .haveModifier(JavaModifier.FINAL)
            .andShould(takeScopeIdAndProps());

    @ArchTest
    static final ArchRule stacksAreTheApps = classes()
            .that()
            .areAssignableTo(Stack.class)
            .should()
            .resideInAPackage(ROOT)
            .andShould()
            .bePackagePrivate()
            .andShould()
            .haveModifier(JavaModifier.FINAL);

    @ArchTest
    static final ArchRule propsAreRecordsWithBuilders =
            classes().that().haveSimpleNameEndingWith("Props").should().beRecords();

    @ArchTest
    static final ArchRule everyPropIsDocumented =
            classes().that().haveSimpleNameEndingWith("Props").should(documentEveryComponent());

    @ArchTest
    static final ArchRule noLoadBalancers = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("software.amazon.awscdk.services.elasticloadbalancing..");

    @ArchTest
    static final ArchRule noStaticStateButConstants =
            fields().that().areStatic().should().beFinal();

    @ArchTest
    static final ArchRule noReflection =
            noClasses().that(areWrittenByHand()).should().dependOnClassesThat().resideInAPackage("java.lang.reflect..");

    @ArchTest
    static final ArchRule namesSayWhatAClassIs = noClasses()
            .that(areWrittenByHand())
            .should()
            .haveNameMatching(".*(Impl|Manager|Helper|Utils?|Base|Abstract)[A-Z]?.*");

    @ArchTest
    static final ArchRule everyPackageIsNullMarked = classes()
            .that()
            .haveSimpleName("package-info")
            .should()
            .beAnnotatedWith("org.jspecify.annotations.NullMarked");

    private static ArchRule ownPackages(String name, String... allowed) {
        Set<String> own = Set.of(allowed);
        return noClasses()
                .that()
                .resideInAPackage(ROOT + "." + name)
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are ours but " + String.join(", ", allowed),
                        type -> type.getPackageName().startsWith(ROOT)
                                && !type.getPackageName().equals(ROOT + "." + name)
                                && own.stream()
                                        .noneMatch(
                                                other -> type.getPackageName().equals(ROOT + "." + other))))
                .as(name + " depends on nothing of ours but " + String.join(", ", allowed));
    }

    private static ArchCondition<JavaClass> takeScopeIdAndProps() {
        return new ArchCondition<>("be made of a scope, an id and props") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (JavaConstructor constructor : type.getConstructors()) {
                    List<String> parameters = constructor.getRawParameterTypes().stream()
                            .map(JavaClass::getSimpleName)
                            .toList();
                    boolean asUsual = parameters.size() == 3
                            && parameters.subList(0, 2).equals(List.of("Construct", "String"))
                            && parameters.get(2).endsWith("Props");
                    events.add(new SimpleConditionEvent(
                            type, asUsual, constructor.getFullName() + " takes " + parameters));
                }
            }
        };
    }

    private static ArchCondition<JavaClass> documentEveryComponent() {
        return new ArchCondition<>("document every component") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                String source = source(type);
                for (JavaField field : type.getFields()) {
                    if (!field.getModifiers().contains(JavaModifier.STATIC)) {
                        boolean documented = source.contains(" * @param " + field.getName() + " ");
                        events.add(new SimpleConditionEvent(type, documented, field.getFullName() + " has no @param"));
                    }
                }
            }
        };
    }

    private static String source(JavaClass type) {
        try {
            return Files.readString(SOURCES.resolve(type.getName().replace('.', '/') + ".java"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DescribedPredicate<JavaClass> areWrittenByHand() {
        return DescribedPredicate.describe(
                "are written by hand",
                type -> !type.getName().contains("$") && !type.getName().endsWith("Builder"));
    }
}
