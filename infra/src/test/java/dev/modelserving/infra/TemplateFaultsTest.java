package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That the check of templates finds what it is for. */
class TemplateFaultsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {'A':{'Type':'T','P':{'Ref':'B'}}}                     | one: refers to B, which is not in it
                    {'A':{'Type':'T','P':{'Fn::GetAtt':['B','Arn']}}}      | one: refers to B, which is not in it
                    {'A':{'Type':'T','P':{'Fn::Sub':'x-${B.Arn}'}}}        | one: refers to B, which is not in it
                    {'A':{'Type':'T','P':{'Fn::ImportValue':'two:B'}}}     | one: imports two:B, which no other stack exports
                    {'A':{'Type':'T','P':{'Fn::ImportValue':'one:A'}}}     | one: imports one:A, which no other stack exports
                    {'A':{'Type':'T','P':{'Fn::FindInMap':['M','k','v']}}} | one: looks into the mapping M, which is not in it
                    {'A':{'Type':'T','P':{'Fn::FindInMap':['N','k','w']}}} | one: looks for w in a mapping that does not have it
                    {'A':{'Type':'T','DependsOn':['B']}}                   | one: A depends on B, which is not in it
                    {'A':{'Type':'AWS::ElasticLoadBalancingV2::LoadBalancer'}} | one: A is a load balancer
                    {'A':{'Type':'AWS::ElasticLoadBalancing::LoadBalancer'}} | one: A is a load balancer
                    {'A':{'Type':'AWS::IAM::Role','P':{'Description':'für'}}} | one: A has the Description 'für', which AWS does not take
                    {'A':{'Type':'AWS::EC2::SecurityGroup','P':{'GroupDescription':'a<b'}}} | one: A has the GroupDescription 'a<b', which AWS does not take
                    """)
    void eachKindOfFaultIsFound(String resources, String fault) {
        assertThat(TemplateFaults.in(List.of(template("one", resources)))).containsExactly(fault);
    }

    @Test
    void whatIsThereIsNoFault() {
        StackTemplate one = template(
                "one",
                "{'A':{'Type':'T','P':[{'Ref':'AWS::Region'},{'Ref':'A'},{'Fn::Sub':['${X}${!Y}',{'X':'1'}]},"
                        + "{'Fn::FindInMap':['N',{'Ref':'AWS::Region'},'v']}]}}");
        StackTemplate two = new StackTemplate(
                "two", StackTemplate.json("{'Resources':{'B':{'Type':'T','P':{'Fn::ImportValue':'one:A'}}}}"), 100);
        assertThat(TemplateFaults.in(List.of(one, two))).isEmpty();
    }

    @Test
    void twoStacksCannotExportOneName() {
        assertThat(TemplateFaults.in(List.of(template("one", "{}"), template("two", "{}"))))
                .containsExactly("two: exports one:A that is exported already");
    }

    @Test
    void templatesOverTheLimitsAreFound() {
        StackTemplate big = new StackTemplate("big", StackTemplate.json("{}"), 1_000_001);
        assertThat(TemplateFaults.in(List.of(big))).containsExactly("big: has 1000001 bytes (at most: 1000000)");
    }

    private static StackTemplate template(String name, String resources) {
        return new StackTemplate(
                name,
                StackTemplate.json(
                        "{'Resources':%s,'Mappings':{'N':{'k':{'v':'1'}}},'Outputs':{'O':{'Export':{'Name':'one:A'}}}}"
                                .formatted(resources)),
                100);
    }
}
