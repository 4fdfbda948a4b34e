package dev.modelserving;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rules that keep the packages apart; each package's {@code package-info.java} says the same in words. */
@AnalyzeClasses(packages = "dev.modelserving", importOptions = ArchitectureTest.ServiceClasses.class)
class ArchitectureTest {
    private static final String ROOT = "dev.modelserving.";

    static final class ServiceClasses implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return location.contains("/service/target/classes/");
        }
    }

    @ArchTest
    static final ArchRule modelUsesOnlyTheJdk = onlyUses("model", new String[] {}, "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule settingsUseModel = onlyUses(
            "settings", new String[] {ROOT + "model.."}, "java..", "org.jspecify..", "com.fasterxml.jackson.core..");

    @ArchTest
    static final ArchRule codecUsesModel = ownPackages("codec", "model");

    @ArchTest
    static final ArchRule runtimeUsesModel = ownPackages("runtime", "model");

    @ArchTest
    static final ArchRule batchingUsesModel =
            onlyUses("batching", new String[] {ROOT + "model.."}, "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule artifactUsesModelAndSettings = ownPackages("artifact", "model", "settings");

    @ArchTest
    static final ArchRule registryUsesModelSettingsAndArtifact =
            ownPackages("registry", "model", "settings", "artifact");

    @ArchTest
    static final ArchRule verificationUsesWhatAModelIs =
            ownPackages("verification", "model", "runtime", "codec", "artifact", "batching");

    @ArchTest
    static final ArchRule servingUsesEverythingBelowIt =
            ownPackages("serving", "model", "settings", "registry", "artifact", "runtime", "batching", "verification");

    @ArchTest
    static final ArchRule predictionLogUsesNothingOfServing =
            ownPackages("predictionlog", "model", "settings", "artifact", "codec");

    @ArchTest
    static final ArchRule registrationUsesNothingOfServing =
            ownPackages("registration", "model", "artifact", "registry", "runtime", "verification");

    @ArchTest
    static final ArchRule pipelineUsesNothingOfServing =
            ownPackages("pipeline", "model", "artifact", "registry", "runtime", "verification");

    @ArchTest
    static final ArchRule nothingDependsOnPipeline = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "pipeline..", "dev.modelserving")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + "pipeline..");

    @ArchTest
    static final ArchRule nothingDependsOnApi = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "api..", "dev.modelserving")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + "api..");

    @ArchTest
    static final ArchRule nothingDependsOnTheRoot = noClasses()
            .that()
            .resideOutsideOfPackage("dev.modelserving")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.modelserving");

    @ArchTest
    static final ArchRule onlyRuntimeUsesOnnxRuntime = onlyUser("runtime", "ai.onnxruntime..");

    @ArchTest
    static final ArchRule onlyRegistryUsesDynamoDb = onlyUser("registry", "software.amazon.awssdk.services.dynamodb..");

    @ArchTest
    static final ArchRule onlyArtifactUsesS3 = onlyUser("artifact", "software.amazon.awssdk.services.s3..");

    @ArchTest
    static final ArchRule onlyApiUsesHttp = onlyUser("api", "io.micronaut.http..");

    @ArchTest
    static final ArchRule onlyApiUsesGrpc = onlyUser("api", "io.grpc..");

    @ArchTest
    static final ArchRule restKnowsNothingOfGrpc = noClasses()
            .that()
            .resideInAPackage(ROOT + "api.rest..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + "api.grpc..");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("dev.modelserving.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule constructorsAreInjected = fields().should()
            .notBeAnnotatedWith("jakarta.inject.Inject")
            .andShould()
            .notBeAnnotatedWith("io.micronaut.context.annotation.Value");

    @ArchTest
    static final ArchRule settersAreNotInjected = methods().should().notBeAnnotatedWith("jakarta.inject.Inject");

    @ArchTest
    static final ArchRule noStaticStateButConstants = fields().that()
            .areStatic()
            .and()
            .areDeclaredInClassesThat(areWrittenByHand())
            .should()
            .beFinal();

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

    @ArchTest
    static final ArchRule holdersOfConstantsAreNotMade = constructors()
            .that()
            .areDeclaredInClassesThat(haveOnlyStaticMembers())
            .should()
            .bePrivate();

    private static ArchRule ownPackages(String name, String... allowed) {
        return noClasses()
                .that()
                .resideInAPackage(ROOT + name + "..")
                .should()
                .dependOnClassesThat(areOursBut(name, allowed))
                .as(name + " depends on nothing of ours but " + String.join(", ", allowed));
    }

    private static ArchRule onlyUses(String name, String[] own, String... libraries) {
        String[] packages = new String[own.length + libraries.length + 1];
        packages[0] = ROOT + name + "..";
        System.arraycopy(libraries, 0, packages, 1, libraries.length);
        System.arraycopy(own, 0, packages, 1 + libraries.length, own.length);
        return classes()
                .that()
                .resideInAPackage(ROOT + name + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(packages);
    }

    /** The root package, where everything is put together, may name the clients that it makes. */
    private static ArchRule onlyUser(String name, String library) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + name + "..", "dev.modelserving")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library);
    }

    private static DescribedPredicate<JavaClass> areOursBut(String own, String... allowed) {
        return DescribedPredicate.describe("are ours but " + String.join(", ", allowed), type -> {
            if (!type.getPackageName().startsWith("dev.modelserving")) {
                return false;
            }
            for (String name : allowed) {
                if (isIn(type, name)) {
                    return false;
                }
            }
            return !isIn(type, own);
        });
    }

    private static boolean isIn(JavaClass type, String name) {
        return (type.getPackageName() + ".").startsWith(ROOT + name + ".");
    }

    private static DescribedPredicate<JavaClass> areWrittenByHand() {
        return DescribedPredicate.describe(
                "are written by hand", type -> !type.getName().contains("$"));
    }

    private static DescribedPredicate<JavaClass> haveOnlyStaticMembers() {
        return DescribedPredicate.describe(
                "have only static members",
                type -> areWrittenByHand().test(type)
                        && !type.isInterface()
                        && !type.isRecord()
                        && !type.isEnum()
                        && !type.getSimpleName().equals("package-info")
                        && !type.getMethods().isEmpty()
                        && type.getMethods().stream()
                                .allMatch(method -> method.getModifiers().contains(JavaModifier.STATIC)));
    }
}
